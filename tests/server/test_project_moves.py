"""An instructor moves a person into a project group that is not there yet: by the API, a command, a page."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from grader.cli import main
from grader.client import Login, save_login


@pytest.fixture
def server(start: Callable[..., Any], kit: Any) -> Any:
    said = kit.policy.model_dump() | {"project": {"group_size": 2}}
    return start(policy=type(kit.policy).model_validate(said))


def move(server: Any, person: Any, name: str, new: bool = True) -> requests.Response:
    asked = {"email": person.email, "group": name, "new": new}
    response: requests.Response = server.instructor.post("/project/groups/move", asked)
    return response


def moves(server: Any) -> list[dict[str, str]]:
    rows = server.query("SELECT detail FROM audit WHERE action = 'move to group' ORDER BY id")
    return [json.loads(detail) for [detail] in rows]


def test_a_group_is_made_by_moving_somebody_into_it_and_the_record_says_so(server: Any) -> None:
    first, second = server.student("First"), server.student("Second")
    made = move(server, first, "Alpha").json()
    assert made["members"] == ["First"]
    assert second.post("/project/groups/join", {"code": made["code"]}).json()["members"] == [
        "First",
        "Second",
    ]
    assert move(server, second, "Beta").json()["members"] == ["Second"]
    assert moves(server) == [
        {"group": "Alpha", "before": None, "made": "now"},
        {"group": "Beta", "before": "Alpha", "made": "now"},
    ]


def test_a_name_that_is_taken_makes_no_second_group_and_moves_nobody(server: Any) -> None:
    first, second = server.student("First"), server.student("Second")
    move(server, first, "Alpha")
    refused = move(server, second, "Alpha")
    assert refused.status_code == 409
    assert refused.json()["error"] == "There is a group 'Alpha' already. Choose another name."
    assert [group["group"] for group in moves(server)] == ["Alpha"]


def test_a_mistyped_name_makes_no_group_and_says_how_to_make_one(server: Any) -> None:
    move(server, server.student("First"), "Alpha")
    refused = move(server, server.student("Second"), "Alhpa", new=False)
    assert refused.status_code == 404
    assert refused.json()["error"] == (
        "There is no group 'Alhpa'. There are: Alpha. "
        "Expected one of them; to make another, say that it is new (--new)."
    )


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


class Page:
    """An instructor's view of a person's page."""

    def __init__(self, server: Any, person: Any):
        services = server.app.state.services
        link = services.sessions.make_link(services.people.sign_in(server.instructor.key))
        self.cookies = {"needle_session": services.sessions.open(link)}
        self.address = f"{server.url}/people/{person.email}"

    def text(self) -> str:
        return requests.get(
            self.address, headers={"Accept": "text/html"}, cookies=self.cookies, timeout=30
        ).text

    def send(self, **fields: str) -> requests.Response:
        found = re.search(r'name="csrf" value="([^"]*)"', self.text())
        assert found
        sent = {"csrf": found[1]} | fields
        return requests.post(
            f"{self.address}/group", data=sent, cookies=self.cookies, timeout=30, allow_redirects=False
        )


def test_the_page_moves_a_person_into_a_group_that_is_made_for_them(server: Any) -> None:
    page = Page(server, server.student("First"))
    assert "Move into a group" in page.text()
    assert page.send(group="A <b>", new="yes").status_code == 303
    shown = page.text()
    assert "<b>A &lt;b&gt;</b>: First" in shown
    assert '<option value="A &lt;b&gt;">' in shown
    assert "before" not in shown.partition("move to group")[2].partition("</tr>")[0]
    assert page.send(group="Beta").status_code == 404
    assert page.send(group="two\nlines", new="yes").status_code == 422


def test_a_course_without_a_project_shows_no_groups(start: Callable[..., Any]) -> None:
    running = start()
    assert 'id="group"' not in Page(running, running.student()).text()
