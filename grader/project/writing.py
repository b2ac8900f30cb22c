"""Whether a proposal and a report are written: each section in words of the student's own. Pure functions."""

import re
from collections.abc import Iterator

_HEADING = re.compile(r"^##\s+(.+?)\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PDF_SMALLEST = 2000  # bytes


def sections(text: str) -> dict[str, list[str]]:
    """Return the lines below each heading of the second level, without comments."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _COMMENT.sub("", text).splitlines():
        heading = _HEADING.match(line)
        if heading:
            lines = found.setdefault(heading[1], [])
        elif line.strip():
            lines.append(line.strip())
    return found


def problems_with_text(text: str, template: str, fewest: int) -> Iterator[str]:
    """Yield what a text lacks: a section of its template, or words there that the template doesn't have."""
    found = sections(text)
    for heading, given in sections(template).items():
        if heading not in found:
            yield f"there is no section `## {heading}`. Expected every section of the template."
            continue
        own = [line for line in found[heading] if line not in given]
        count = len(_WORD.findall(" ".join(own)))
        if count < fewest:
            yield f"`## {heading}` has {count} words of your own. Expected {fewest} at least."


def problem_with_pdf(data: bytes) -> str:
    """Return why a file is no PDF; empty if it looks like one. What it says is for people to read."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
        return "this is no whole PDF. Expected one that opens. Write it anew."
    if len(data) < _PDF_SMALLEST:
        return f"this PDF has {len(data)} bytes. Expected a report. Write it anew."
    return ""
