"""An instructor moves a person into another project group, or a new one: by the API, a command, a page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from browsing import Browser
from project_requests import PROPOSAL, error, group, handed_in, review
from running_server import Person, Running

from grader.cli import main
from grader.client import Login, save_login


@pytest.fixture
def server(course: Callable[..., Running]) -> Running:
    return course()


def move(server: Running, person: Person, name: str, **how: bool) -> requests.Response:
    return server.instructor.post("/project/groups/move", {"email": person.email, "group": name} | how)


def moves(server: Any) -> list[dict[str, str]]:
    rows = server.query("SELECT detail FROM audit WHERE action = 'move to group' ORDER BY id")
    return [json.loads(detail) for [detail] in rows]


def test_a_group_is_made_by_moving_somebody_into_it_and_the_record_says_so(server: Any) -> None:
    first, second = server.student("First"), server.student("Second")
    made = move(server, first, "Alpha", new=True).json()
    assert made["members"] == ["First"]
    assert second.post("/project/groups/join", {"code": made["code"]}).json()["members"] == [
        "First",
        "Second",
    ]
    assert move(server, second, "Beta", new=True).json()["members"] == ["Second"]
    assert moves(server) == [
        {"group": "Alpha", "before": None, "made": "now"},
        {"group": "Beta", "before": "Alpha", "made": "now"},
    ]


def test_a_name_that_is_taken_makes_no_second_group_and_moves_nobody(server: Any) -> None:
    first, second = server.student("First"), server.student("Second")
    move(server, first, "Alpha", new=True)
    refused = move(server, second, "Alpha", new=True)
    assert refused.status_code == 409
    assert refused.json()["error"] == "There is a group 'Alpha' already. Choose another name."
    assert [group["group"] for group in moves(server)] == ["Alpha"]


def test_a_mistyped_name_makes_no_group_and_says_how_to_make_one(server: Any) -> None:
    move(server, server.student("First"), "Alpha", new=True)
    refused = move(server, server.student("Second"), "Alhpa")
    assert refused.status_code == 404
    assert refused.json()["error"] == (
        "There is no group 'Alhpa'. There are: Alpha. "
        "Expected one of them; to make another, say that it is new (--new)."
    )


def test_an_instructor_moves_a_person_whose_project_is_then_the_other_groups(
    server: Running, archive: bytes
) -> None:
    first, second = server.student("First"), server.student("Second")
    group(first)
    group(second, "Beta")
    handed_in(first, PROPOSAL, kind="proposal")
    review(server.instructor, handed_in(second, archive)["id"])
    assert first.get("/project")["accepted"] is False
    assert move(server, first, "Beta").json()["members"] == ["Second", "First"]
    mine = first.get("/project")
    assert (mine["group"]["name"], mine["accepted"], len(mine["hand_ins"])) == ("Beta", True, 1)
    assert "is in the group Beta already. Nothing was changed." in error(move(server, first, "Beta"), 409)
    [[actor, detail]] = server.query("SELECT actor_id, detail FROM audit WHERE action = 'move to group'")
    assert actor == 1
    assert json.loads(detail) == {"group": "Beta", "before": "Alpha"}
    assert move(server, first, "Alpha").status_code == 200  # what it handed in is still there
    assert [one["kind"] for one in first.get("/project")["hand_ins"]] == ["proposal"]


def test_a_person_without_a_group_is_put_into_one_and_an_empty_one_is_gone(server: Running) -> None:
    first, second = server.student("First"), server.student("Second")
    group(first)
    assert move(server, second, "Alpha").json()["members"] == ["First", "Second"]
    third = server.student("Third")
    group(third, "Beta")
    assert "is full. A group has 2 members at most" in error(move(server, third, "Alpha"), 409)
    assert third.get("/project")["group"]["name"] == "Beta"
    second.post("/project/groups/leave", {})
    assert move(server, third, "Alpha").status_code == 200
    said = error(move(server, second, "Beta"), 404)
    assert said.startswith("There is no group 'Beta'. There are: Alpha.")
    gone = server.instructor.post("/project/groups/move", {"email": "no@example.org", "group": "Alpha"})
    assert "Nobody here has the address" in error(gone, 404)


def test_the_command_makes_a_group_when_told_that_it_is_new(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: []\n")
    save_login(tmp_path, Login(server.url, server.instructor.key))
    monkeypatch.chdir(tmp_path)
    person = server.student("First")
    assert main(["project", "move", person.email, "Alpha"]) == 1
    assert "There are: none yet." in capsys.readouterr().err
    assert main(["project", "move", person.email, "Alpha", "--new"]) == 0
    assert capsys.readouterr().out.startswith("Alpha is now First.")


def test_the_page_moves_a_person_into_a_group_that_is_made_for_them(server: Running) -> None:
    browser, page = Browser(server, server.instructor), f"/people/{server.student('First').email}"
    assert "Move into a group" in browser.read(page)
    assert browser.send(f"{page}/group", page, group="A <b>", new="yes").status_code == 303
    shown = browser.read(page)
    assert "<b>A &lt;b&gt;</b>: First" in shown
    assert '<option value="A &lt;b&gt;">' in shown
    assert "before" not in shown.partition("move to group")[2].partition("</tr>")[0]
    assert browser.send(f"{page}/group", page, group="Beta").status_code == 404
    assert browser.send(f"{page}/group", page, group="two\nlines", new="yes").status_code == 422


def test_a_course_without_a_project_shows_no_groups(start: Callable[..., Running]) -> None:
    running = start()
    browser = Browser(running, running.instructor)
    assert 'id="group"' not in browser.read(f"/people/{running.student().email}")
