"""Fewer test cases than before: what an existing client can't say, an instructor's command does."""

from pathlib import Path
from typing import Any

import pytest
import requests
from mugrade_client import TheirClient
from running_server import Running

from grader import cli
from grader.client import Login, save_login

SCALED = [[3.0, 4.5], 2.0]  # the values of `scale`, whose second one the course gives up


def shorten(running: Any, cases: int, person: Any = None, problem: str = "scale") -> requests.Response:
    asked = {"assignment": "hw0", "problem": problem, "test_cases": cases}
    response: requests.Response = (person or running.instructor).post("/mugrade/shorten", asked)
    return response


@pytest.fixture
def longer(own: Running) -> Running:
    TheirClient(own.url, own.instructor.key).publish("scale", *SCALED)
    return own


def test_a_try_is_whole_again_after_the_problem_was_shortened(longer: Any) -> None:
    person = longer.student()
    client = TheirClient(longer.url, person.key)
    TheirClient(longer.url, longer.instructor.key).publish("scale", SCALED[0])
    assert client.submit("scale", SCALED[0]) == [True]
    assert scored(person) == 0.0
    assert shorten(longer, 1).json() == {"assignment": "hw0", "problem": "scale", "test_cases": 1}
    assert client.submit("scale", SCALED[0]) == [True]
    assert scored(person) > 0.0
    assert [line["action"] for line in longer.instructor.get("/audit")["lines"]].count("publish") > 1


def scored(person: Any) -> float:
    return next(float(one["score"]) for one in person.get("/me")["assignments"] if one["id"] == "hw0")


@pytest.mark.parametrize("cases", [2, 3])
def test_what_takes_no_test_case_away_is_refused_and_changes_nothing(longer: Any, cases: int) -> None:
    refused = shorten(longer, cases)
    assert refused.status_code == 409
    assert refused.json()["error"].startswith("hw0/scale has 2 test cases. Expected fewer")
    assert shorten(longer, 0).status_code == 422
    assert shorten(longer, 1, problem="none").status_code == 404


def test_a_student_may_not_shorten_a_problem(longer: Any) -> None:
    assert shorten(longer, 1, longer.student()).status_code == 403


def test_the_command_shortens_a_problem(
    longer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: []\n")
    save_login(tmp_path, Login(longer.url, longer.instructor.key))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["mugrade", "shorten", "hw0", "scale", "1"]) == 0
    assert capsys.readouterr().out == "hw0/scale: 1 left of its test cases.\n"


def test_the_description_says_who_may_ask_of_this_protocol(server: Any) -> None:
    page = requests.get(f"{server.url}/docs", timeout=20).text
    for address, who in (
        ("publish", "instructor"),
        ("submit", "student or assistant or instructor"),
        ("submit_test", "student or assistant or instructor"),
        ("api/v1/mugrade/shorten", "instructor"),
    ):
        row = page.split(f"<code>POST /{address}</code></th>")[1].split("</tr>")[0]
        assert row.rstrip().endswith(f"<td>{who}</td>"), address
