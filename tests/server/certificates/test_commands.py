"""Certificates by command: fetched, checked, revoked, replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from certified_course import graduate
from running_server import Running

from grader import cli
from grader.client import Login, save_login


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "workspace"
    (root / ".grader" / "releases").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def test_a_certificate_is_fetched_checked_offline_and_refused_once_changed(
    open_course: Callable[..., Running], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = open_course()
    student = graduate(server)
    save_login(workspace, Login(server.url, student.key))
    assert cli.main(["certificate", "--into", "mine"]) == 0
    for name in ("certificate.jwt", "certificate.pdf"):
        capsys.readouterr()
        assert cli.main(["verify", f"mine/{name}"]) == 0
        said = capsys.readouterr().out
        assert "The signature is right." in said
        assert "Zoë Łukasiewicz" in said
        assert cli.main(["verify", f"mine/{name}", "--url", server.url]) == 0
        assert "It is not revoked." in capsys.readouterr().out
    changed = workspace / "mine" / "changed.jwt"
    text = (workspace / "mine" / "certificate.jwt").read_text()
    changed.write_text(text[:200] + ("x" if text[200] != "x" else "y") + text[201:])
    assert cli.main(["verify", str(changed)]) == 1
    assert "o not trust" in capsys.readouterr().err
    server.instructor.post("/certificates/revoke", {"email": student.email, "reason": "a mistake"})
    assert cli.main(["verify", "mine/certificate.jwt", "--url", server.url]) == 1
    assert "was revoked" in capsys.readouterr().err


def test_an_instructor_revokes_and_replaces_by_command(
    open_course: Callable[..., Running],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = open_course()
    student = graduate(server)
    first = student.post("/certificate", {}).json()["url"]
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("")
    save_login(tmp_path, Login(server.url, server.instructor.key))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["certificate", "revoke", student.email, "--reason", "a mistake"]) == 0
    assert first in capsys.readouterr().out
    assert requests.get(first, timeout=20).json()["reason"] == "a mistake"
    assert cli.main(["certificate", "reissue", student.email]) == 0
    second = student.post("/certificate", {}).json()["url"]
    assert second in capsys.readouterr().out
    assert requests.get(second, timeout=20).json()["status"] == "valid"


def test_the_command_says_what_is_missing(
    open_course: Callable[..., Running], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = open_course(project_required=True)
    save_login(workspace, Login(server.url, server.student().key))
    assert cli.main(["certificate"]) == 1
    said = "No certificate yet: average 0.00 of 80; the project is not accepted yet."
    assert capsys.readouterr().err.strip() == said
    assert not (workspace / "certificate.pdf").exists()


def test_verify_without_a_key_or_a_file_says_what_to_give(
    workspace: Path, capsys: pytest.CaptureFixture[str], token: str
) -> None:
    (workspace / "c.jwt").write_text(token)
    (workspace / "no.json").write_text("{")
    (workspace / "c.pdf").write_bytes(b"%PDF-1.7 nothing attached")
    for arguments, said in (
        (["c.jwt"], "--key FILE"),
        (["c.jwt", "--key", "none.json"], "there is no such file"),
        (["c.jwt", "--key", "no.json"], "this is no JSON"),
        (["c.pdf"], "found 0 credentials"),
        (["none.jwt"], "there is no such file"),
    ):
        assert cli.main(["verify", *arguments]) == 1
        assert said in capsys.readouterr().err
