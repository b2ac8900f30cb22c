"""Charts as inline SVG with a text alternative. Pure functions; every colour is a class of the stylesheet."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 12, 22, 24  # room for the axes' words

Point = tuple[float, float]


def meter(fraction: float, goal: float | None = None, whole: str = "full") -> Markup:
    """Return a bar that is filled so far; the figure that it shows stands beside it as text.

    `whole` is the class of one that is filled.
    """
    filled = min(max(fraction, 0.0), 1.0)
    kind = whole if filled >= 1 else "bar"
    mark = (
        Markup('<line class="goal" x1="{0:g}" x2="{0:g}" y1="0" y2="8"/>').format(200 * goal) if goal else ""
    )
    head = Markup('<svg class="meter" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">')
    bars = Markup('<rect class="rest" width="200" height="8"/><rect class="{}" width="{:g}" height="8"/>')
    return head + bars.format(kind, round(200 * filled, 2)) + mark + Markup("</svg>")


def columns(bars: Sequence[tuple[str, int]], said: str) -> Markup:
    """Return a column chart of counts, labelled below each and with its count above."""
    most = max((count for _, count in bars), default=0) or 1
    step = (_WIDTH - _RIGHT) / max(len(bars), 1)
    parts = [
        _column(label, count, at * step + 4, step - 6, count / most) for at, (label, count) in enumerate(bars)
    ]
    return _chart(said, _WIDTH, parts, _axis(0, _WIDTH - _RIGHT))


def _column(label: str, count: int, left: float, width: float, share: float) -> Markup:
    room = _HEIGHT - _TOP - _BOTTOM
    height, middle = share * room, left + width / 2
    top = _HEIGHT - _BOTTOM - height
    number = _text(middle, top - 3, str(count), "middle") if count else Markup()
    bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>')
    return bar.format(left, top, width, height) + number + _text(middle, _HEIGHT - 8, label, "middle")


def curve(points: Sequence[Point], ends: tuple[str, str], said: str, goal: float | None = None) -> Markup:
    """Return a curve of fractions, 0 to 1, over 0 to 1 of a time whose ends are named."""
    room = _HEIGHT - _TOP - _BOTTOM

    def place(x: float, y: float) -> str:
        return f"{_LEFT + x * (_WIDTH - _LEFT - _RIGHT):.1f},{_TOP + (1 - y) * room:.1f}"

    lines = [_level(share, _TOP + (1 - share) * room) for share in (0.25, 0.5, 0.75, 1)]
    drawn = Markup('<polyline class="curve" points="{}"/>').format(" ".join(place(x, y) for x, y in points))
    if goal is not None:
        at = _LEFT + goal * (_WIDTH - _LEFT - _RIGHT)
        due = Markup('<line class="goal" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>')
        lines.append(due.format(at, _TOP, _HEIGHT - _BOTTOM))
    words = [_text(_LEFT, _HEIGHT - 6, ends[0], "start"), _text(_WIDTH - _RIGHT, _HEIGHT - 6, ends[1], "end")]
    return _chart(said, _WIDTH, [*lines, drawn, *words], _axis(_LEFT, _WIDTH - _RIGHT))


def _level(share: float, at: float) -> Markup:
    line = Markup('<line class="axis" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
    return line.format(_LEFT, _WIDTH - _RIGHT, at, at) + _text(_LEFT - 5, at + 4, f"{100 * share:g}%", "end")


def spark(points: Sequence[Point], said: str) -> Markup:
    """Return a small curve for a table's cell."""
    drawn = " ".join(f"{2 + 96 * x:.1f},{22 - 20 * y:.1f}" for x, y in points)
    return Markup(
        '<svg class="chart spark" viewBox="0 0 100 24" width="100" height="24" role="img" aria-label="{}">'
        '<line class="axis" x1="2" x2="98" y1="22" y2="22"/><polyline class="curve" points="{}"/></svg>'
    ).format(said, drawn)


def _chart(said: str, width: int, parts: Sequence[Markup], axis: Markup) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        width, _HEIGHT, said
    )
    return head + axis + Markup("").join(parts) + Markup("</svg>")


def _axis(left: float, right: float) -> Markup:
    line = Markup('<line class="axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>')
    return line.format(left, right, _HEIGHT - _BOTTOM + 0.5)


def _text(x: float, y: float, said: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, said)
