"""The final project through the command line: a student's way and the instructor's, on a real server."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from project_requests import group, handed_in, policy_with_project
from running_server import Person, Running
from small_project import SOLVED, TRAIN, definition, solved_workspace, write_definition
from small_workspaces import ROOT, write_workspace

from grader.cli import main
from grader.client import Client, Login, load_login, save_login
from grader.project.packing import pack_project
from grader.publishing.project import publish_project
from grader.workspace.folder import Workspace

Typed = tuple[int, str, str]


@pytest.fixture
def server(course: Callable[..., Running]) -> Running:
    return course()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Typed]:
    """Return a function that gives a command in a folder: exit code, what is printed, what is complained."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("URL", "KEY"):
        monkeypatch.delenv(f"NEEDLE_GRADER_{name}", raising=False)

    def give(folder: Path, *arguments: str) -> Typed:
        monkeypatch.chdir(folder)
        code = main(["project", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return give


def logged_in(root: Path, person: Any) -> Path:
    (root / ".grader").mkdir(exist_ok=True)
    save_login(root, Login(person.url, person.key))
    return root


@pytest.fixture
def workspace(tmp_path: Path, server: Any) -> Path:
    root = solved_workspace(tmp_path.resolve() / "ws").root
    return logged_in(root, server.student("First"))


def hand_in_unchecked(root: Path) -> None:
    """Hand a workspace's project in for a new group, with good checks that nobody ran."""
    login = load_login(root)
    student = Person(login.url, login.key)
    group(student)
    handed_in(student, pack_project(Workspace(root), definition()), track="own")


@pytest.fixture
def repository(tmp_path: Path, server: Any) -> Path:
    """An instructor's repository with this project."""
    root = tmp_path.resolve() / "course"
    write_workspace(root, "def add(): ...\n", {"add": "def test_add(): ...\n"})
    write_definition(root)
    (root / "reference").mkdir()
    (root / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments:\n  - id: hw0\nproject: {}\n")
    return logged_in(root, server.instructor)


def test_from_a_group_to_acceptance(
    server: Any, typed: Callable[..., Typed], workspace: Path, repository: Path, tmp_path: Path
) -> None:
    code, printed, _ = typed(workspace, "group", "new", "Alpha")
    assert (code, printed.splitlines()[0]) == (0, "You are in the group Alpha.")
    other = logged_in(solved_workspace(tmp_path.resolve() / "other").root, server.student("Second"))
    assert (
        typed(other, "group", "join", printed.split()[-1])[1]
        == "You are in the group Alpha: First, Second.\n"
    )
    assert typed(workspace, "propose")[1].startswith("Handed in: the proposal of Alpha, number 1 (")

    code, printed, _ = typed(workspace, "submit")
    assert (code, printed[:45]) == (0, "Handed in: the project of Alpha, number 2 (0.")
    assert typed(workspace, "submit")[1].startswith(
        "This was handed in already: the project of Alpha, number 2"
    )

    assert " 8/8 " in typed(repository, "list")[1]
    code, printed, _ = typed(repository, "fetch", "--into", str(tmp_path / "read"))
    assert code == 0
    read = {path.relative_to(tmp_path / "read").as_posix() for path in (tmp_path / "read").rglob("*.*")}
    assert read == {"Alpha-1/proposal.md", *(f"Alpha-2/{path}" for path in SOLVED)}

    code, printed, warned = typed(repository, "recheck", "2", "--yes")
    assert code == 0, printed
    assert "This runs the students' code on this machine" in warned
    said = {"points": {"idea": 40, "work": 50}, "comments": {"": "Fine work."}, "accepted": True}
    assert server.instructor.post("/project/hand-ins/2/review", said).status_code == 200
    printed = typed(other, "status")[1]
    assert "project 2, own: accepted, 90 points" in printed
    assert "Fine work." in printed


def test_a_student_starts_from_what_the_instructor_published(
    start: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(policy=policy_with_project())
    client = Client(Login(running.url, running.instructor.key))
    answer = publish_project(ROOT, client, tmp_path / "scratch")
    assert answer["text"] == "It is published."
    workspace = tmp_path / "new"
    monkeypatch.chdir(tmp_path)
    assert main(["start", "project", "--from", running.url, "--into", str(workspace)]) == 0
    monkeypatch.chdir(workspace)
    assert main(["project", "begin", "fusion"]) == 0
    assert (workspace / "project" / "fusion.py").is_file()
    assert main(["update", "project", "--from", running.url]) == 0
    assert running.student().get("/project")["digest"] == answer["digest"]


def test_an_instructor_gives_a_group_more_time_and_moves_a_person(
    course: Callable[..., Running],
    typed: Callable[..., Typed],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = course(due=datetime(2990, 5, 1, 23, 59))
    repository = tmp_path / "course"
    (repository / "reference").mkdir(parents=True)
    (repository / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: []\n")
    logged_in(repository, server.instructor)
    first, second = server.student("First"), server.student("Second")
    assert first.post("/project/groups", {"name": "Alpha"}).status_code == 201
    code, printed, _ = typed(repository, "move", second.email, "Alpha")
    assert code == 0
    assert printed == "Alpha is now First, Second. What it handed in counts for each of them.\n"
    assert main(["extend", first.email, "project", "--days", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{first.email}: project is due on 2990-05-03 23:59, in the course's time zone.",
        "It holds for their whole group, and the date of its proposal moves as far.",
    ]


def test_a_failing_check_stops_the_hand_in_unless_it_goes_anyway(
    server: Any, typed: Callable[..., Typed], workspace: Path
) -> None:
    typed(workspace, "group", "new", "Alpha")
    (workspace / "project" / "report.md").write_text("## Summary\n")
    code, printed, complained = typed(workspace, "submit")
    assert code == 1
    assert "`## Summary` has 0 words of your own" in printed
    assert "A check fails, so nothing was handed in" in complained
    code, printed, _ = typed(workspace, "submit", "--anyway")
    assert (code, printed.splitlines()[-1]) == (0, "1 of its 8 checks fail, which your instructor sees.")
    [one] = server.instructor.get("/project/hand-ins")
    assert [test["name"] for test in one["checks"]["tests"] if not test["passed"]] == [
        "each section of the report is written"
    ]


def test_nobody_waits_for_checks_who_has_no_group(typed: Callable[..., Typed], workspace: Path) -> None:
    code, printed, complained = typed(workspace, "submit")
    assert (code, printed) == (1, "")
    assert complained.startswith("You are in no group.")


def test_a_recheck_finds_what_the_groups_own_report_did_not_say(
    server: Any, typed: Callable[..., Typed], workspace: Path, repository: Path
) -> None:
    typed(workspace, "group", "new", "Alpha")
    (workspace / "project" / "train.py").write_text(TRAIN.replace("tiny.loss(step)", "1"))
    (workspace / "assignments/project/tests/test_training.py").write_text("def test_fine():\n    pass\n")
    assert typed(workspace, "submit")[0] == 0  # with a check of their own making
    code, printed, _ = typed(repository, "recheck", "1", "--yes")
    assert code == 1
    assert "Expected the last to be at most 0.8 of the first" in printed
    [one] = server.instructor.get("/project/hand-ins")
    assert all(test["passed"] for test in one["checks"]["tests"])
    assert [test["name"] for test in one["repeated"]["tests"] if not test["passed"]] == [
        "the train command lowers its loss"
    ]


def test_a_recheck_keeps_the_instructors_environment_to_itself(
    typed: Callable[..., Typed], workspace: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "of the instructor's")
    spy = "import os\nif 'recheck-' in os.getcwd():\n    assert 'A_SECRET' not in os.environ\n"
    spy += "    assert 'recheck-' in os.environ['HOME']\n"
    (workspace / "project" / "train.py").write_text(spy + TRAIN)
    hand_in_unchecked(workspace)
    assert typed(repository, "recheck", "1", "--yes")[0] == 0


def test_nothing_is_run_without_a_yes(
    typed: Callable[..., Typed], workspace: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_unchecked(workspace)
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))  # typed by nobody
    code, _, complained = typed(repository, "recheck", "1")
    assert code == 1
    assert "It is no sandbox" in complained
    assert "Nothing was run. Answer `yes`, or give --yes" in complained


def test_a_students_key_fetches_nothing(typed: Callable[..., Typed], server: Any, repository: Path) -> None:
    logged_in(repository, server.student())
    code, _, complained = typed(repository, "fetch", "--into", str(repository / "x"))
    assert code == 1
    assert "may review projects" in complained
