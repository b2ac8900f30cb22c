"""The printed certificate: one page, in any letters, that carries the credential."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timezone
from pathlib import Path

import pytest
from certified_course import NOW, course, graduate, keys_of
from fpdf import FPDF
from running_server import Running
from tiny_font import write_font

from grader.credentials import read_file, verify
from grader.server.certificates.document import draw
from grader.server.certificates.fonts import Fonts
from grader.server.certificates.signing import SigningKey


def test_the_document_is_one_page_that_carries_the_credential(
    open_course: Callable[..., Running], tmp_path: Path
) -> None:
    server = open_course()
    student = graduate(server, "Нина Ωμέγα")
    issued = student.post("/certificate", {}).json()
    response = student.request("GET", "/certificate/document")
    assert response.headers["content-type"] == "application/pdf"
    assert len(re.findall(rb"/Type /Page\b", response.content)) == 1
    path = tmp_path / "certificate.pdf"
    path.write_bytes(response.content)
    assert read_file(path) == issued["credential"]


@pytest.mark.parametrize("name", ["李小龙", "محمد", "A" * 200, "ﬁ—“”", "🙂", "e\u0301"])
def test_a_name_in_any_letters_gets_a_document(
    token: str, key: SigningKey, name: str, tmp_path: Path
) -> None:
    named = dataclasses.replace(verify(token, keys_of(key), NOW), name=name)
    assert draw(named, course(), token, timezone.utc, tmp_path).startswith(b"%PDF")


def test_a_course_adds_fonts_for_other_letters(tmp_path: Path) -> None:
    assert not can_print(tmp_path, "李小龙")
    write_font(tmp_path / "own.ttf", "李小龙م")
    assert can_print(tmp_path, "李小龙")
    assert not can_print(tmp_path, "م")


def can_print(own: Path, text: str) -> bool:
    pdf = FPDF()
    found = Fonts(pdf, own).can_print(text)
    pdf.output()  # closes the files of the fonts
    return found
