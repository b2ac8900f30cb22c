"""Somebody who learns alone has the name that they gave, also on their certificate, and can give it later."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from grader import cli
from grader.client import Client, Login, save_login
from grader.credentials import GIVE_A_NAME, UNNAMED
from grader.errors import GraderError
from grader.publishing import hosting
from grader.publishing.hosting import _learner, learner_key


@pytest.fixture
def server(start: Callable[..., Any], kit: SimpleNamespace) -> Any:
    """A learner's own server, whose certificate is earned by doing nothing."""
    said = kit.policy.model_dump()
    said["certificate"] |= {"threshold": 0, "project_required": False, "self_issued": True}
    return start(policy=type(kit.policy).model_validate(said))


def begin(server: Any, data: Path, name: str | None) -> Client:
    """Do what a start of `grader learn` does about the person, and return their connection."""
    instructor = Client(Login(server.url, server.instructor.key))
    return Client(Login(server.url, learner_key(instructor, data, _learner(name))))


def test_the_name_that_was_given_is_the_persons_and_stays_theirs(server: Any, tmp_path: Path) -> None:
    assert begin(server, tmp_path, "Ada Lovelace").get("/me")["name"] == "Ada Lovelace"
    assert begin(server, tmp_path, None).get("/me")["name"] == "Ada Lovelace"


def test_who_gave_no_name_is_told_how_until_one_is_given(
    server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert begin(server, tmp_path, None).get("/me")["name"] == UNNAMED
        assert GIVE_A_NAME in capsys.readouterr().out
    assert begin(server, tmp_path, "Ada Lovelace").get("/me")["name"] == "Ada Lovelace"
    assert capsys.readouterr().out == ""


def test_a_certificate_without_a_name_says_how_to_give_one_and_is_replaced_then(
    server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = begin(server, tmp_path, None).post("/certificate", {})
    page = requests.get(first["url"], headers={"Accept": "text/html"}, timeout=20).text
    assert "make learn LEARNER=&#34;Your Name&#34;" in page
    capsys.readouterr()
    own = begin(server, tmp_path, "Ada Lovelace")
    assert "There is a new certificate, of Ada Lovelace." in capsys.readouterr().out
    assert own.get("/certificate")["certificate"]["name"] == "Ada Lovelace"
    assert requests.get(first["url"], timeout=20).json()["status"] == "revoked"
    begin(server, tmp_path, "Ada Lovelace")
    assert capsys.readouterr().out == "", "the same name needs no other certificate"


def test_the_command_that_fetches_a_certificate_without_a_name_says_so(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(server, tmp_path, None)
    (tmp_path / ".grader" / "releases").mkdir(parents=True)
    save_login(tmp_path, Login(server.url, (tmp_path / hosting.LEARNER).read_text().strip()))
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert cli.main(["certificate"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(GIVE_A_NAME)
    begin(server, tmp_path, "Ada Lovelace")
    capsys.readouterr()
    assert cli.main(["certificate"]) == 0
    assert GIVE_A_NAME not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201])
def test_a_name_that_no_certificate_could_show_is_refused(name: str) -> None:
    with pytest.raises(GraderError, match="this is no name"):
        _learner(name)


@pytest.mark.parametrize(("typed", "name"), [(" Ada Lovelace ", "Ada Lovelace"), ("", None)])
def test_a_terminal_is_asked_for_the_name(
    monkeypatch: pytest.MonkeyPatch, typed: str, name: str | None
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: typed)
    assert hosting._ask_for_name() == name
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    assert hosting._ask_for_name() is None
