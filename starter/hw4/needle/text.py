"""The files in which a text comes: their lines, checked. Numbering their words is left to the student."""

from itertools import islice
from pathlib import Path

from needle.errors import FileFormatError, SettingError


def lines_of(path: str | Path, max_lines: int | None = None) -> list[str]:
    """Return the lines of a text file, the first max_lines of them if that is a number.

    Raises: FileFormatError for a file in which they hold no word; SettingError for a max_lines below 1.
    """
    if max_lines is not None and max_lines < 1:
        raise SettingError(
            f"{path}: max_lines is {max_lines}. Expected at least 1, or None for all lines. Ask for some."
        )
    with open(path, encoding="utf-8") as file:
        lines = list(islice(file, max_lines))
    if not any(line.strip() for line in lines):
        raise FileFormatError(
            f"{path}: found {len(lines)} lines without a word. Expected a text, a sentence a line. "
            "Fetch it again."
        )
    return lines
