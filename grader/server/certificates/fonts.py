"""The fonts of a document, and which of them sets a text."""

from pathlib import Path

from fpdf import FPDF

from grader.server.certificates.letters import DISPLAY, font_files, letters_in, unprintable


class Fonts:
    """The fonts of one document."""

    def __init__(self, pdf: FPDF, own: Path):
        self._own = own
        self._files = font_files(own)
        for name, path in self._files.items():
            pdf.add_font(name, "", path)
        pdf.set_fallback_fonts([name for name in self._files if name != DISPLAY], exact_match=False)

    def for_display(self, text: str) -> str:
        """Return the font for large letters: one that has them all, rather than two side by side."""
        needed = set(map(ord, text))
        return next((name for name, path in self._files.items() if needed <= letters_in(path)), DISPLAY)

    def can_print(self, text: str) -> bool:
        """Return whether every letter of a text has a shape here, and stands where it is written."""
        return not unprintable(text, self._own)
