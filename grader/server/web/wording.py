"""How figures read on a page. Pure functions, which every template has as filters."""

from markupsafe import Markup, escape

NONE = "\N{EN DASH}"


def points(value: float | None) -> str:
    """Return points to at most two decimals, and a dash for none."""
    return NONE if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def score(value: float | None) -> str:
    """Return points with both decimals, which line up in a column, and a dash for none."""
    return NONE if value is None else f"{value:.2f}"


def duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units; nothing for none."""
    if seconds is None:
        return ""
    minutes = max(int(seconds), 0) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return counted(days, "day") + (f" {hours} h" if hours and days < 7 else "")
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "less than a minute"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return `1 day` or `3 days`."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def percent(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"


def coded(text: str) -> Markup:
    """Return a sentence whose commands, which stand between backticks, are set as code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # one backtick is left over
        parts[-2:] = [parts[-2] + "`" + parts[-1]]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )


FILTERS = {
    "points": points,
    "score": score,
    "duration": duration,
    "counted": counted,
    "percent": percent,
    "coded": coded,
}
