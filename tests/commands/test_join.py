"""Joining a course: what is typed wrong is said at once, before the server is asked."""

import io
from pathlib import Path

import pytest

from grader import cli


@pytest.mark.parametrize("typed", ["ada", "ada@", "ada @example.org", ""])
def test_what_is_no_address_is_said_with_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    (tmp_path / ".grader" / "releases").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"Ada\n{typed}\nthe-code\n"))
    assert cli.main(["join", "http://127.0.0.1:9"]) == 1
    said = f"{typed!r}: this is no e-mail address. Expected one such as ada@example.org."
    assert capsys.readouterr().err.startswith(said)
