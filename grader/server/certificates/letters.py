"""Which letters certificates can show: those of the fonts that come with matplotlib, and of the course's own.

matplotlib is where PyPI has well-kept free fonts for Latin, Greek and Cyrillic; it is not imported for them.
"""

import functools
import unicodedata
from importlib.util import find_spec
from pathlib import Path

DISPLAY, SERIF, TEXT = "display", "serif", "text"
_FILES = {DISPLAY: "STIXGeneral.ttf", SERIF: "DejaVuSerif.ttf", TEXT: "DejaVuSans.ttf"}
_FROM_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def font_files(own: Path) -> dict[str, Path]:
    """Return the fonts by name; a course puts more for other scripts into its own folder."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("matplotlib is not installed, and its fonts draw certificates.")
    folder = Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf")
    more = sorted(path for path in own.glob("*") if path.suffix.lower() in (".ttf", ".otf"))
    return {name: folder / file for name, file in _FILES.items()} | {path.stem.lower(): path for path in more}


def letters_in(font: Path) -> frozenset[int]:
    """Return the letters that a font has, as code points."""
    return _letters_in(font, font.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _letters_in(font: Path, _changed: int) -> frozenset[int]:
    # read with what also draws them, which a server that needs neither does without
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def unprintable(text: str, own: Path) -> str:
    """Return why a document can't show a text, in words for an instructor; empty if it can."""
    if any(unicodedata.bidirectional(letter) in _FROM_RIGHT_TO_LEFT for letter in text):
        return "it runs from right to left"
    there = frozenset[int]().union(*map(letters_in, font_files(own).values()))
    missing = dict.fromkeys(one for one in unicodedata.normalize("NFC", text) if ord(one) not in there)
    return f"no font has {''.join(missing)}" if missing else ""
