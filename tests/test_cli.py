"""The command line through its front door: help, misuse, and a sentence for whatever goes wrong."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shared_course import Server

from grader.cli import main
from grader.client import Client, Login, load_login, login_file, save_login
from grader.commands import account

STUDENTS = (
    *("login", "join", "open", "status", "key", "build", "submit", "catch-up", "start", "update", "doctor"),
    *("project", "leaderboard", "certificate", "verify"),
)
INSTRUCTORS = (
    *("release", "solve", "publish", "gradebook", "regrade", "extend", "roster", "invite", "audit"),
    *("serve", "learn", "backup", "restore", "mugrade"),
)
COMMANDS = (*STUDENTS, *INSTRUCTORS)

Typed = tuple[int, str, str]  # exit code, what is printed, what is complained


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Typed]:
    """Return a function that gives a command in a folder: by default neither a workspace nor a course."""
    for name in ("URL", "KEY"):
        monkeypatch.delenv(f"NEEDLE_GRADER_{name}", raising=False)

    def give(*arguments: str, folder: Path = tmp_path) -> Typed:
        monkeypatch.chdir(folder)
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return give


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder that is a workspace, with nothing started in it."""
    folder = tmp_path / "workspace"
    (folder / ".grader" / "releases").mkdir(parents=True)
    return folder


@pytest.fixture
def course(tmp_path: Path, hosted: Server, repository: Path) -> Path:
    """An instructor's repository with this course's policy, logged in to its server."""
    folder = tmp_path / "course"
    (folder / "reference").mkdir(parents=True)
    (folder / "course.yaml").write_text((repository / "course.yaml").read_text())
    save_login(folder, Login(hosted.url, hosted.key))
    return folder


def log_in(url: str, key: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Give the key on standard input, which is no terminal here."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEEDLE_GRADER")}
    command = [sys.executable, "-m", "grader.cli", "login", url]
    return subprocess.run(
        command, input=key, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, typed: Callable[..., Typed]) -> None:
    code, said, _ = typed(command, "--help")
    assert code == 0
    assert f"usage: grader {command}" in said


def test_help_names_every_command(typed: Callable[..., Typed]) -> None:
    code, said, _ = typed("--help")
    assert code == 0
    assert all(f"\n    {command}" in said for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "COMMAND"),
        (("submti",), "invalid choice: 'submti'"),
        (("submit", "--hurry"), "unrecognized arguments: --hurry"),
        (("login",), "url"),
        (("roster",), "ACTION"),
        (("roster", "add", "Ann"), "email"),
        (("roster", "add", "Ann", "ann@example.org", "--role", "king"), "invalid choice: 'king'"),
        (("serve", "--port", "many"), "invalid int value"),
        (("solve", "hw0"), "--into"),
    ],
)
def test_misuse_exits_with_2_and_shows_the_usage(
    arguments: tuple[str, ...], complaint: str, typed: Callable[..., Typed]
) -> None:
    code, _, complained = typed(*arguments)
    assert code == 2
    assert "usage: grader" in complained
    assert complaint in complained


@pytest.mark.parametrize(
    "arguments",
    [("submit",), ("status",), ("update",), ("build", "hw0"), ("login", "http://127.0.0.1:9")],
    ids=lambda arguments: arguments[0],
)
def test_a_students_command_outside_a_workspace_says_how_to_get_one(
    arguments: tuple[str, ...], typed: Callable[..., Typed]
) -> None:
    code, _, complained = typed(*arguments)
    assert code == 1
    assert "lies in no workspace" in complained
    assert "unpack the archive" in complained


@pytest.mark.parametrize(
    "arguments",
    [
        ("release",),
        ("publish", "hw0"),
        ("roster", "key", "ann@example.org"),
        ("solve", "hw0", "--into", "new"),
        ("serve",),
        ("learn", "--into", "new"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_instructors_command_outside_the_repository_says_where_it_belongs(
    arguments: tuple[str, ...], typed: Callable[..., Typed], tmp_path: Path
) -> None:
    code, _, complained = typed(*arguments)
    assert code == 1
    assert "this is no course" in complained
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [("submit",), ("build", "hw0"), ("update",), ("start", "hw0"), ("learn", "--into", ".")],
    ids=lambda arguments: arguments[0],
)
def test_the_instructors_repository_is_not_graded_and_not_started_in(
    arguments: tuple[str, ...], typed: Callable[..., Typed], repository: Path
) -> None:
    code, _, complained = typed(*arguments, folder=repository)
    assert code == 1
    assert "instructor's repository" in complained


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("status",), "not logged in"),
        (("submit",), "not logged in"),
        (("submit", "hw9"), "not logged in"),
        (("update",), "nothing is started here"),
        (("build", "hw9"), "no such assignment"),
        (("start", "../hw0"), "could lead out of the workspace"),
        (("start", "hw0", "--from", "nowhere"), "there is nothing here"),
        (("start", "hw0", "--from", "ftp://127.0.0.1/hw0"), "no address of a release"),
        (("start", "hw0", "--from", "http://127.0.0.1:9"), "no answer"),
        (("start", "hw0", "--from", "file.txt"), "no whole .tar.gz"),
        (("start", "hw0", "--from", "hw0.tar.gz", "--into", "../file.txt"), "new or empty folder"),
        (("login", "127.0.0.1:8414"), "this is no address"),
        (("login", "http://example.org"), "in the clear"),
        (("login", "https://[::1"), "this is no address"),
    ],
)
def test_a_mistake_in_a_workspace_is_a_sentence_and_changes_nothing(
    arguments: tuple[str, ...], complaint: str, typed: Callable[..., Typed], workspace: Path
) -> None:
    (workspace / "file.txt").write_text("a text")
    (workspace.parent / "file.txt").write_text("a text")
    before = sorted(workspace.rglob("*"))
    code, _, complained = typed(*arguments, folder=workspace)
    assert code == 1
    assert complaint in complained
    assert sorted(workspace.rglob("*")) == before


def test_a_key_on_standard_input_logs_in_and_the_file_is_private(
    workspace: Path, hosted: Server, enrol: Callable[[], Client]
) -> None:
    key = str(enrol()._session.headers["Authorization"]).removeprefix("Bearer ")
    done = log_in(hosted.url + "/", key + "\n", workspace)
    assert done.returncode == 0, done.stderr
    assert "(student)" in done.stdout
    assert key not in done.stdout + done.stderr
    assert load_login(workspace) == Login(hosted.url, key)
    assert login_file(workspace).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("", "Found no key"),
        ("\n", "Found no key"),
        ("a key\n", "holds a space"),
        ("nonsense\n", "no key of this course"),
        ("ndl_" + "x" * 40 + "\n", "key"),
    ],
)
def test_a_wrong_key_is_refused_and_an_earlier_login_stays(
    key: str, complaint: str, workspace: Path, hosted: Server
) -> None:
    save_login(workspace, Login("https://course.example.org", "ndl_before"))
    done = log_in(hosted.url, key, workspace)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert load_login(workspace).key == "ndl_before"


def test_a_person_gets_a_key_once_and_a_new_one_ends_the_old(
    course: Path, hosted: Server, typed: Callable[..., Typed]
) -> None:
    code, said, _ = typed("roster", "add", "Ann", "ann@example.org", folder=course)
    first = said.split()[-1]
    assert (code, first[:4]) == (0, "ndl_")
    assert Client(Login(hosted.url, first)).get("/me")["name"] == "Ann"
    code, said, _ = typed("roster", "add", "Ann", "ann@example.org", folder=course)
    assert code == 0
    assert "grader roster key ann@example.org" in said
    code, said, _ = typed("roster", "key", "ann@example.org", folder=course)
    assert code == 0
    assert Client(Login(hosted.url, said.split()[-1])).get("/me")["name"] == "Ann"
    save_login(course, Login(hosted.url, first))
    code, _, complained = typed("roster", "key", "ann@example.org", folder=course)
    assert code == 1
    assert "key" in complained


def test_a_new_key_for_an_unknown_address_is_refused(course: Path, typed: Callable[..., Typed]) -> None:
    code, said, complained = typed("roster", "key", "nobody@example.org", folder=course)
    assert (code, said) == (1, "")
    assert "nobody@example.org" in complained


def test_a_student_can_neither_enrol_nor_publish(
    course: Path, hosted: Server, enrol: Callable[[], Client], typed: Callable[..., Typed]
) -> None:
    key = str(enrol()._session.headers["Authorization"]).removeprefix("Bearer ")
    save_login(course, Login(hosted.url, key))
    for arguments in (("roster", "add", "Bob", "bob@example.org"), ("publish", "hw0")):
        code, said, complained = typed(*arguments, folder=course)
        assert (code, said) == (1, "")
        assert "instructor" in complained


def test_publishing_asks_the_server_before_any_work(course: Path, typed: Callable[..., Typed]) -> None:
    save_login(course, Login("http://127.0.0.1:9", "ndl_nobody"))
    code, said, complained = typed("publish", "hw0", folder=course)
    assert (code, said) == (1, "")
    assert "No answer from http://127.0.0.1:9" in complained


def test_an_error_that_nobody_foresaw_is_one_line_with_its_place(
    workspace: Path, typed: Callable[..., Typed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(root: Path) -> Login:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr(account, "load_login", broken)
    code, _, complained = typed("status", folder=workspace)
    assert code == 1
    assert "test_cli.py:" in complained
    assert "RuntimeError: the moon is full" in complained
    assert complained.count("\n") == 1


def test_an_interrupted_command_exits_with_130(
    workspace: Path, typed: Callable[..., Typed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(root: Path) -> Login:
        raise KeyboardInterrupt

    monkeypatch.setattr(account, "load_login", interrupted)
    assert typed("status", folder=workspace)[0] == 130
