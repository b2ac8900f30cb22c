"""Fonts of a certificate: those that come with matplotlib, kept up with it, and the course's own beside them.

matplotlib is where PyPI has well-kept free fonts for Latin, Greek and Cyrillic; it is not imported for them.
"""

import unicodedata
from importlib.util import find_spec
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

DISPLAY, SERIF, TEXT = "display", "serif", "text"
_FILES = {DISPLAY: "STIXGeneral.ttf", SERIF: "DejaVuSerif.ttf", TEXT: "DejaVuSans.ttf"}
_NEEDS_SHAPING = {"R", "AL", "AN"}  # letters that run from right to left, which is not done here


class Fonts:
    """The fonts of one document, and which letters they have."""

    def __init__(self, pdf: FPDF, own: Path):
        self._letters: dict[str, frozenset[int]] = {}
        for name, path in _found(own).items():
            pdf.add_font(name, "", path)
            font = pdf.fonts[name]
            assert isinstance(font, TTFFont)
            self._letters[name] = frozenset(font.cmap)
        pdf.set_fallback_fonts([name for name in self._letters if name != DISPLAY], exact_match=False)

    def for_display(self, text: str) -> str:
        """Return the font for large letters: one that has them all, rather than two side by side."""
        needed = set(map(ord, text))
        return next((name for name, letters in self._letters.items() if needed <= letters), DISPLAY)

    def can_print(self, text: str) -> bool:
        """Return whether every letter of a text has a shape here, and stands where it is written."""
        here = set(map(ord, text)) <= frozenset().union(*self._letters.values())
        return here and not any(unicodedata.bidirectional(letter) in _NEEDS_SHAPING for letter in text)


def _found(own: Path) -> dict[str, Path]:
    """Return the fonts by name; a course puts more for other scripts into the folder `fonts` of its data."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("matplotlib is not installed, and its fonts draw certificates.")
    folder = Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf")
    more = sorted(path for path in own.glob("*") if path.suffix.lower() in (".ttf", ".otf"))
    return {name: folder / file for name, file in _FILES.items()} | {path.stem.lower(): path for path in more}
