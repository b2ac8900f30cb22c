"""What the handouts' figures are drawn with: texts, arrows, cells and boxes, as SVG."""

FORWARD, BACKWARD, INK = "#1f5fa8", "#b3402a", "#222222"
GROUND, CHOSEN, OTHER = "#f6f6f2", "#cfe0f4", "#f6d9cf"


def svg(width: int, height: int, *parts: str) -> str:
    """Return a picture on a white ground, which stays legible on a dark page."""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14">'
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="white"/>'
    return "\n".join([head, _arrow_heads(), ground, *parts, "</svg>", ""])


def _arrow_heads() -> str:
    tips = [
        f'<marker id="{color[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{color}"/></marker>'
        for color in (FORWARD, BACKWARD)
    ]
    return f"<defs>{''.join(tips)}</defs>"


def text(x: float, y: float, words: str, color: str = INK, anchor: str = "middle") -> str:
    return f'<text x="{x}" y="{y}" fill="{color}" text-anchor="{anchor}">{words}</text>'


def arrow(x1: float, y1: float, x2: float, y2: float, color: str) -> str:
    dashes = ' stroke-dasharray="5 4"' if color == BACKWARD else ""
    ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line {ends} stroke="{color}" stroke-width="1.5"{dashes} marker-end="url(#{color[1:]})"/>'


def line(x1: float, y1: float, x2: float, y2: float, color: str = INK, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="1.5"{dashed}/>'


def box(x: float, y: float, width: float, height: float, fill: str = GROUND, stroke: str = INK) -> str:
    size = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<rect {size} fill="{fill}" stroke="{stroke}"/>'


def labelled(x: float, y: float, width: float, height: float, words: str, fill: str = GROUND) -> str:
    """Draw a box with a text in its middle."""
    return box(x, y, width, height, fill) + text(x + width / 2, y + height / 2 + 5, words)


def cells(x: float, y: float, rows: list[list[str]], color: str) -> str:
    """Draw a table of numbers whose top left corner lies at a point."""
    drawn = []
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            left, top = x + 44 * j, y + 34 * i
            drawn.append(f'<rect x="{left}" y="{top}" width="44" height="34" fill="#f6f6f2" stroke="{INK}"/>')
            drawn.append(text(left + 22, top + 22, number, color))
    return "\n".join(drawn)
