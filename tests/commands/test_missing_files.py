"""A command that is given a file that is not there, or is none, says what it expected and what to do."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import cli
from grader.client import Login, save_login
from grader.commands import account

Complaint = Callable[..., str]


@pytest.fixture
def complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Complaint:
    """Return a function that gives a command in a course whose server is away, and returns its complaint."""
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: []\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / ".grader" / "releases").mkdir(parents=True)
    (tmp_path / "people.csv").write_text("name,email\nAda,ada@example.org\n")
    save_login(tmp_path, Login("http://127.0.0.1:9", "ndl_key"))
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "KEY"):
        monkeypatch.delenv(f"NEEDLE_GRADER_{name}", raising=False)

    def give(*arguments: str) -> str:
        assert cli.main(arguments) == 1
        return capsys.readouterr().err.strip()

    return give


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("verify {}", "a certificate, as .pdf or .jwt: `grader certificate` fetches yours"),
        ("restore {} --data new", "a backup, which `grader backup FILE.tar` writes"),
        ("roster import {}", "a table as CSV, with the columns name and email"),
    ],
)
def test_a_file_to_read_that_is_not_there_is_named_with_what_was_expected(
    complaint: Complaint, command: str, expected: str
) -> None:
    for path, found in (("none.pdf", "there is no such file"), ("folder", "this is a folder")):
        assert complaint(*command.format(path).split()).startswith(f"{path}: {found}. Expected {expected}")
    assert not Path("new").exists()


@pytest.mark.parametrize(
    "command", ["backup {} --data kept", "gradebook --csv {}", "roster import people.csv --keys {}"]
)
def test_a_file_to_write_without_a_folder_is_refused_before_anything_is_done(
    complaint: Complaint, command: str
) -> None:
    said = complaint(*command.format("no/out").split())
    assert said == (
        "no/out: there is no folder no. Expected one that is there. Make it, or name another file."
    )
    said = complaint(*command.format("folder").split())
    assert said == "folder: this is a folder. Expected a file to write. Name one in it."


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOENT, "Check its name, and the folder that you are in."),
        (errno.EACCES, "Change its permissions, or name another."),
        (errno.ENOSPC, "Make some, and give the command again."),
        (errno.EIO, "Mend that, and give the command again."),
    ],
)
def test_what_the_system_refuses_is_said_with_what_to_do(
    complaint: Complaint, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refuse(root: Path) -> Login:
        raise OSError(number, "Said so", str(root / "x"))

    monkeypatch.setattr(account, "load_login", refuse)
    assert complaint("status").startswith(f"{Path.cwd() / 'x'}: said so. ")
    assert complaint("status").endswith(advice)
