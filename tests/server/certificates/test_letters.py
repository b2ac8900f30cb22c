"""Names with letters that no font has: the instructor reads of them on the roster, and at the issue."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser
from certified_course import graduate
from running_server import Running
from tiny_font import write_font

from grader.server.certificates.letters import unprintable


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Zoë Łukasiewicz", ""),
        ("Нина Ωμέγα", ""),
        ("e\u0301", ""),
        ("Li 李小李", "no font has 李小"),
        ("محمد", "it runs from right to left"),
        ("דנה", "it runs from right to left"),
    ],
)
def test_what_a_document_can_not_show_is_said_with_the_letters(tmp_path: Path, name: str, why: str) -> None:
    assert unprintable(name, tmp_path) == why


def add_font(running: Any) -> None:
    """Put a font that has these letters into the course's own folder."""
    own = running.app.state.services.certificates.fonts
    own.mkdir()
    write_font(own / "own.ttf", "李小龙")


def test_the_roster_names_them_and_the_folder_until_a_font_is_there(
    open_course: Callable[..., Running],
) -> None:
    running = open_course()
    running.student("李小龙 <b>")
    running.student("Ada")
    page = Browser(running, running.instructor)
    shown = page.read("/roster")
    assert "<li>李小龙 &lt;b&gt;: no font has 李小龙</li>" in shown
    assert str(running.app.state.services.certificates.fonts) in shown
    assert "<li>Ada" not in shown
    add_font(running)
    assert "no font has" not in page.read("/roster")


def test_at_issue_the_record_and_the_log_say_so(
    open_course: Callable[..., Running], caplog: pytest.LogCaptureFixture
) -> None:
    running = open_course()
    for name in ("李小龙", "Ada"):
        assert graduate(running, name).post("/certificate", {}).status_code == 200
    rows = running.query("SELECT detail FROM audit WHERE action = 'certificate_issued' ORDER BY id")
    said = [json.loads(detail).get("name_not_shown") for [detail] in rows]
    assert said == ["no font has 李小龙", None]
    warned = [one.getMessage() for one in caplog.records if "can't show the name" in one.getMessage()]
    assert len(warned) == 1
    assert "李" not in warned[0]


def test_nothing_is_said_once_the_course_has_a_font(open_course: Callable[..., Running]) -> None:
    running = open_course()
    add_font(running)
    graduate(running, "李小龙").post("/certificate", {})
    [[detail]] = running.query("SELECT detail FROM audit WHERE action = 'certificate_issued'")
    assert "name_not_shown" not in json.loads(detail)
