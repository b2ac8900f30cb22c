"""A person's own commands: join with a code, open the pages, make, revoke and replace keys."""

import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from running_server import Person, Running
from starlette.exceptions import HTTPException

from grader.cli import main
from grader.client import Client, Login, load_login, save_login
from grader.errors import Unreachable


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NEEDLE_GRADER_KEY", "NEEDLE_GRADER_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".grader" / "releases").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def log_in(workspace: Path, person: Person) -> None:
    save_login(workspace, Login(person.url, person.key))


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = list(answers)
    monkeypatch.setattr("builtins.input", lambda prompt: left.pop(0))


def test_who_joins_is_logged_in(
    server: Running, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code = server.instructor.post("/invites", {"cap": 2}).json()["code"]
    answering(monkeypatch, "Newcomer", "Newcomer@x", code)
    assert main(["join", server.url]) == 0
    login = load_login(workspace)
    assert Person(server.url, login.key).get("/me")["email"] == "newcomer@x"
    said = capsys.readouterr().out
    assert "You are in the course as newcomer@x, and logged in." in said
    assert login.key not in said


def test_who_may_not_join_keeps_the_login_that_was_there(
    server: Running, student: Person, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    log_in(workspace, student)
    answering(monkeypatch, "N", "n@x", "no-such-code")
    assert main(["join", server.url]) == 1
    assert "lets nobody join" in capsys.readouterr().err
    assert load_login(workspace).key == student.key


def test_who_joined_without_the_key_arriving_is_told_how_to_get_one(
    start: Callable[..., Running], workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    server = start()
    code = server.instructor.post("/invites", {"cap": 2}).json()["code"]
    invites = server.app.state.services.invites
    join = invites.join

    def committed(asked: Any) -> None:
        join(asked)
        raise HTTPException(502, "The proxy lost the reply")

    monkeypatch.setattr(invites, "join", committed)
    answering(monkeypatch, "N", "n@x", code)
    assert main(["join", server.url]) == 1
    assert "your key did not arrive" in capsys.readouterr().err
    assert server.query("select used from invites") == [(1,)]
    monkeypatch.setattr(invites, "join", join)
    answering(monkeypatch, "N", "n@x", code)
    assert main(["join", server.url]) == 1
    assert "ask your instructor for a new one" in capsys.readouterr().err


@pytest.mark.parametrize("only_print", [True, False])
def test_open_prints_a_link_that_signs_in_and_starts_a_browser(
    student: Person, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, only_print: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    log_in(workspace, student)
    assert main(["open", *(["--print"] if only_print else [])]) == 0
    link = capsys.readouterr().out.split()[-1]
    assert opened == ([] if only_print else [link])
    assert "?" not in link
    assert student.key not in link
    browser = requests.Session()
    assert browser.get(link, timeout=20).url == link
    page = browser.post(link, timeout=20)
    assert (page.status_code, page.url) == (200, f"{student.url}/me")


def test_keys_are_made_shown_and_revoked(student: Person, workspace: Path, capsys: Any) -> None:
    log_in(workspace, student)
    assert main(["key", "new", "--label", "for CI", "--scope", "submit"]) == 0
    said = capsys.readouterr().out
    key, name = said.split()[-1], said.split("(")[1].split(")")[0]
    assert Person(student.url, key).draw().status_code == 201
    assert main(["key", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "everything" in first
    assert first.endswith("(the one in use)")
    assert second.startswith(f"{name}  for CI")
    assert key not in second
    assert main(["key", "revoke", name]) == 0
    assert Person(student.url, key).draw().status_code == 401
    assert main(["key", "revoke", "nonsense"]) == 1


def test_rotating_replaces_the_key_in_the_login(student: Person, workspace: Path, capsys: Any) -> None:
    log_in(workspace, student)
    assert main(["key", "rotate"]) == 0
    renewed = load_login(workspace).key
    assert renewed not in capsys.readouterr().out
    assert student.request("GET", "/me").status_code == 401
    assert Person(student.url, renewed).get("/me")["email"] == student.email


@pytest.mark.parametrize("fails_at", ["/me/keys", "/me/keys/revoke"])
def test_a_rotation_that_is_interrupted_leaves_a_login_that_works(
    student: Person, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, fails_at: str
) -> None:
    log_in(workspace, student)
    post: Callable[..., Any] = Client.post

    def cut(client: Client, path: str, content: object) -> Any:
        found = post(client, path, content) if path != fails_at else None
        if found is None:
            raise Unreachable("No answer.")
        return found

    monkeypatch.setattr(Client, "post", cut)
    assert main(["key", "rotate"]) == 1
    assert Person(student.url, load_login(workspace).key).get("/me")["email"] == student.email


def test_a_key_from_the_environment_is_not_rotated(
    student: Person, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    log_in(workspace, student)
    monkeypatch.setenv("NEEDLE_GRADER_KEY", student.key)
    assert main(["key", "rotate"]) == 1
    assert "comes from NEEDLE_GRADER_KEY" in capsys.readouterr().err
    assert [one["current"] for one in student.get("/me/keys")] == [True]
