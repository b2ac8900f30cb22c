"""A certificate to print: one page, A4 across, with the credential attached."""

import unicodedata
from datetime import tzinfo
from pathlib import Path

import segno
from fpdf import FPDF

from grader.course.policy import Policy
from grader.credentials import Certificate
from grader.server.certificates.credential import SELF_ISSUED, criteria
from grader.server.certificates.fonts import Fonts
from grader.server.certificates.letters import DISPLAY, TEXT

_WIDTH, _HEIGHT = 297.0, 210.0  # millimetres
_LEFT, _RIGHT = 30.0, 267.0
_INK, _QUIET = (29, 35, 39), (90, 101, 112)
_NEEDLE, _THREAD, _SHEET, _LINE = (11, 100, 100), (194, 87, 26), (251, 250, 247), (222, 219, 210)
_QR_SIDE = 30.0


class _Page:
    """A page on which lines of text are set one at a time."""

    def __init__(self, certificate: Certificate, own_fonts: Path):
        self.pdf = FPDF(orientation="landscape", format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        self.fonts = Fonts(self.pdf, own_fonts)
        self.pdf.set_title(f"Certificate: {certificate.course}")
        self.pdf.set_author(certificate.issuer)
        self.pdf.set_lang("en")
        self.pdf.set_creation_date(certificate.issued_at)
        self.pdf.add_page()

    def line(
        self,
        text: str,
        y: float,
        size: float,
        color: tuple[int, int, int] = _INK,
        font: str = TEXT,
        x: float = _LEFT,
        width: float = _RIGHT - _LEFT,
        align: str = "L",
    ) -> None:
        """Set one line, smaller where it would not fit; `y` is its middle, in millimetres."""
        self.pdf.set_text_color(*color)
        self.pdf.set_font(font, size=size)
        needed = self.pdf.get_string_width(text)
        self.pdf.set_font(font, size=min(size, size * width / needed) if needed else size)
        self.pdf.set_xy(x, y - 5)
        self.pdf.cell(width, 10, text, align=align)

    def paragraph(self, text: str, y: float, size: float, color: tuple[int, int, int] = _QUIET) -> None:
        self.pdf.set_text_color(*color)
        self.pdf.set_font(TEXT, size=size)
        self.pdf.set_xy(_LEFT, y)
        self.pdf.multi_cell(190, 0.5 * size, text, align="L")


def draw(certificate: Certificate, policy: Policy, token: str, zone: tzinfo, own_fonts: Path) -> bytes:
    """Return a certificate as a PDF."""
    page = _Page(certificate, own_fonts)
    _draw_paper(page.pdf)
    _write(page, certificate, policy, zone)
    _draw_code(page, certificate.id)
    page.pdf.embed_file(
        bytes=token.encode(),
        basename="certificate.jwt",
        desc="The signed credential",
        mime_type="application/vc+jwt",
    )
    return bytes(page.pdf.output())


def _draw_paper(pdf: FPDF) -> None:
    pdf.set_fill_color(*_SHEET)
    pdf.rect(0, 0, _WIDTH, _HEIGHT, style="F")
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(0.4)
    pdf.rect(9, 9, _WIDTH - 18, _HEIGHT - 18)
    pdf.set_fill_color(*_NEEDLE)
    pdf.rect(9, 9, 4, _HEIGHT - 18, style="F")
    _draw_needle(pdf)


def _draw_needle(pdf: FPDF) -> None:
    """Draw the course's needle and its thread, as on its pages, in units of 2 mm."""

    def at(x: float, y: float) -> tuple[float, float]:
        return 186 + 2 * x, 24 + 2 * y

    pdf.set_line_width(0.9)
    pdf.set_draw_color(*_THREAD)
    pdf.bezier([at(1, 19), at(7, 23), at(10, 11), at(16, 14)])
    pdf.bezier([at(16, 14), at(22, 17), at(22, 22), at(28, 15)])
    pdf.line(*at(28, 15), *at(34.6, 5.4))
    pdf.set_draw_color(*_NEEDLE)
    pdf.set_line_width(1.4)
    pdf.line(*at(33.2, 6.2), *at(20, 21))
    pdf.set_line_width(1.0)
    pdf.circle(*at(34.6, 4.6), 3.2)


def _write(page: _Page, certificate: Certificate, policy: Policy, zone: tzinfo) -> None:
    name = unicodedata.normalize("NFC", certificate.name)
    known = page.fonts.can_print(name)
    page.line(_printable(page, certificate.issuer), 32, 12, _QUIET, width=130)
    page.line("Certificate", 46, 38, _NEEDLE, DISPLAY, width=130)
    page.line("This is to say that", 74, 12, _QUIET)
    shown, size = (name, 40) if known else ("the person named on the page behind the code", 26)
    page.line(shown, 89, size, _INK, page.fonts.for_display(shown))
    page.line("has completed the course", 105, 12, _QUIET)
    course = _printable(page, certificate.course)
    page.line(course, 118, 24, _INK, page.fonts.for_display(course))
    notes = [f"which asks for {_lower(criteria(policy))}"]
    if certificate.self_issued:
        notes.append(SELF_ISSUED)
    if not known:
        notes.append("No font of this document has the letters of the name; that page shows it.")
    page.paragraph("\n".join(notes), 128, 10.5)
    local = certificate.issued_at.astimezone(zone)
    _fact(page, _LEFT, "Date", f"{local.day} {local:%B %Y}")
    _fact(page, _LEFT + 62, "Average", f"{certificate.average:.2f} / 100")
    _fact(page, _LEFT + 112, "Issued by", _printable(page, certificate.issuer), width=76)


def _fact(page: _Page, x: float, what: str, said: str, width: float = 58) -> None:
    page.line(what, 166, 9, _QUIET, x=x, width=width)
    page.line(said, 173, 14, _INK, page.fonts.for_display(said), x=x, width=width)


def _draw_code(page: _Page, address: str) -> None:
    """Draw the QR code of the page that checks this certificate, as one path of squares."""
    pdf, left, top = page.pdf, _RIGHT - _QR_SIDE, 146.0
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    step = _QR_SIDE / len(rows)
    pdf.set_fill_color(*_INK)
    for y, row in enumerate(rows):
        for start, stop in _runs(row):
            pdf.rect(left + start * step, top + y * step, (stop - start) * step, step, style="F")
    page.line("Check it here", 180.5, 9, _QUIET, x=left, width=_QR_SIDE, align="C")
    page.line(address, 187, 8, _QUIET)
    pdf.link(left, top, _QR_SIDE, _QR_SIDE, address)


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Return where the dark stretches of a row begin and end."""
    edges = [at for at in range(len(row) + 1) if (at and row[at - 1]) != (row[at] if at < len(row) else 0)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _printable(page: _Page, text: str) -> str:
    """Return a text with a mark for each letter that no font here has."""
    text = unicodedata.normalize("NFC", text)
    return (
        text if page.fonts.can_print(text) else "".join(c if page.fonts.can_print(c) else "?" for c in text)
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
