"""The roster from a file: mistakes are named with their lines, and new people's keys are written once."""

import csv
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running_server import Person, Running
from starlette.exceptions import HTTPException

from grader.cli import main
from grader.client import Login, save_login
from grader.errors import CourseError
from grader.publishing.roster import read_roster


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "class.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def server(start: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A server of the test's own, whose instructor gives commands in their repository."""
    running = start()
    (tmp_path / "course" / "reference").mkdir(parents=True)
    (tmp_path / "course" / "course.yaml").touch()
    save_login(tmp_path / "course", Login(running.url, running.instructor.key))
    monkeypatch.chdir(tmp_path / "course")
    return running


def test_columns_come_in_any_order_and_two_may_be_missing(written: Callable[..., Path]) -> None:
    text = '\ufeffE-Mail,Name,Section\n ann@X.org ,"Lee, Ann",A\n\n,,\nbob@x.org,Bob,\n'
    people = read_roster(written(text))
    assert [(one.name, one.email, one.section, one.role) for one in people] == [
        ("Lee, Ann", "ann@x.org", "A", None),
        ("Bob", "bob@x.org", "", None),
    ]
    [tia] = read_roster(written("name,email,role\nTia,tia@x, Assistant\n"))
    assert (tia.section, tia.role) == (None, "assistant")


def test_every_mistake_is_named_with_its_line(written: Callable[..., Path]) -> None:
    path = written("name,email,role\nAnn,ann@x,\n,bob,king\n\nAnn again,ANN@x,\n")
    with pytest.raises(CourseError) as refused:
        read_roster(path)
    assert str(refused.value).splitlines() == [
        f"{path}: nothing was changed. Correct these lines first:",
        "  line 3: name is ''. Expected 1 to 200 characters on one line.",
        "  line 3: email is 'bob'. Expected an address such as ann@example.org.",
        "  line 3: role is 'king'. Expected student, assistant or instructor, or nothing.",
        "  line 5: ann@x stands in line 2 already.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found the columns of an empty file"),
        ("name,email\n", "found nobody"),
        ("name;email\nAnn;ann@x\n", ":1: found the columns name;email"),
        ("name,email,grade\nAnn,ann@x,1\n", ":1: found the columns name, email, grade"),
        ("name,name,email\nAnn,Lee,ann@x\n", ":1: found the columns name, name, email"),
        ("name,email\nLee, Ann,ann@x\n", ":2: found 3 cells. Expected 2: name, email."),
        ('name,email\n"Ann,ann@x\n', "Expected CSV with commas"),
        (b"name,email\n\xe9,ann@x\n", "this is not UTF-8"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_and_says_what_to_do(
    written: Callable[..., Path], text: str | bytes, said: str
) -> None:
    with pytest.raises(CourseError) as refused:
        read_roster(written(text))
    assert said in str(refused.value)


def test_a_dry_run_shows_the_changes_and_makes_none(
    server: Running, written: Callable[..., Path], capsys: Any
) -> None:
    student = server.student("Old Name")
    path = written(f"name,email,section\nAnn,ann@x,A\nNew Name,{student.email},B\n")
    assert main(["roster", "import", str(path), "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "+ added     Ann <ann@x>: student, A",
        f"~ changed   New Name <{student.email}>: name 'Old Name' -> 'New Name'; section '' -> 'B'",
        "1 added, 1 changed.",
        "This was a dry run: nothing was changed.",
    ]
    assert [one["name"] for one in server.instructor.get("/roster")] == ["Instructor", "Old Name"]


def test_the_keys_of_new_people_are_written_where_only_their_owner_reads(
    server: Running, written: Callable[..., Path], tmp_path: Path, capsys: Any
) -> None:
    path, keys = written("name,email\nAnn,ann@x\nBob,bob@x\n"), tmp_path / "keys.csv"
    assert main(["roster", "import", str(path), "--keys", str(keys)]) == 0
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    with keys.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["email"] for row in rows] == ["ann@x", "bob@x"]
    assert Person(server.url, rows[1]["key"]).get("/me")["name"] == "Bob"
    assert rows[0]["key"] not in capsys.readouterr().out
    left = written("name,email\nAnn,ann@x\n")
    assert main(["roster", "import", str(left), "--remove-others"]) == 0
    assert "- left      Bob <bob@x>: student" in capsys.readouterr().out
    assert Person(server.url, rows[1]["key"]).request("GET", "/me").status_code == 403


@pytest.mark.parametrize("there", [True, False])
def test_new_people_need_a_new_file_for_their_keys(
    server: Running, written: Callable[..., Path], tmp_path: Path, capsys: Any, there: bool
) -> None:
    path, keys = written("name,email\nAnn,ann@x\n"), tmp_path / "keys.csv"
    if there:
        keys.write_text("earlier keys")
    more = ["--keys", str(keys)] if there else []
    assert main(["roster", "import", str(path), *more]) == 1
    said = capsys.readouterr().err
    assert ("is there already" in said) == there
    assert ("Give it: --keys keys.csv" in said) != there
    assert len(server.instructor.get("/roster")) == 1
    assert not there or keys.read_text() == "earlier keys"


def test_a_refused_list_leaves_no_file_for_keys(
    server: Running, written: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, keys = written("name,email\nAnn,ann@x\n"), tmp_path / "keys.csv"
    key = server.instructor.post("/me/keys", {"label": "narrow", "scopes": ["manage"]}).json()["key"]
    monkeypatch.setenv("NEEDLE_GRADER_KEY", key)
    assert main(["roster", "import", str(path), "--keys", str(keys)]) == 1
    assert not keys.exists()


def losing_replies(server: Running, monkeypatch: pytest.MonkeyPatch, stored: bool) -> None:
    """Let each reply to a change of the roster be lost behind the server, with the change or without."""
    rosters = server.app.state.services.rosters
    enrol = rosters.enrol

    def lost(actor: Any, people: Any, remove_others: bool, dry_run: bool) -> Any:
        if dry_run:
            return enrol(actor, people, remove_others, dry_run)
        if stored:
            enrol(actor, people, remove_others, dry_run)
        raise HTTPException(502, "The proxy lost the reply")

    monkeypatch.setattr(rosters, "enrol", lost)


def test_people_whose_keys_did_not_arrive_are_named_with_what_gives_them_one(
    server: Running,
    written: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    server.instructor.post("/roster", {"people": [{"name": "Cy", "email": "cy@x"}]})
    losing_replies(server, monkeypatch, stored=True)
    path, keys = written("name,email\nAnn,ann@x\nBob,bob@x\nCy,cy@x\n"), tmp_path / "keys.csv"
    assert main(["roster", "import", str(path), "--keys", str(keys)]) == 1
    said = capsys.readouterr().err
    assert "their keys" not in said
    assert "these people's keys did not arrive" in said
    commands = [line.split() for line in said.splitlines() if line.strip().startswith("grader roster key")]
    assert [one[-1] for one in commands] == ["ann@x", "bob@x"]
    assert not keys.exists()
    assert main(commands[0][1:]) == 0
    key = capsys.readouterr().out.split()[-1]
    assert Person(server.url, key).get("/me")["name"] == "Ann"


def test_people_whom_somebody_else_adds_meanwhile_are_named(
    server: Running,
    written: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    rosters = server.app.state.services.rosters
    enrol = rosters.enrol

    def second(actor: Any, people: Any, remove_others: bool, dry_run: bool) -> Any:
        if not dry_run:
            enrol(actor, people[:1], False, False)
        return enrol(actor, people, remove_others, dry_run)

    monkeypatch.setattr(rosters, "enrol", second)
    path, keys = written("name,email\nAnn,ann@x\nBob,bob@x\n"), tmp_path / "keys.csv"
    assert main(["roster", "import", str(path), "--keys", str(keys)]) == 0
    said = capsys.readouterr().out
    assert "Somebody else added these people" in said
    assert said.endswith("  grader roster key ann@x\n")
    assert [row.split(",")[1] for row in keys.read_text().splitlines()] == ["email", "bob@x"]


def test_a_list_that_did_not_get_in_can_be_brought_again(
    server: Running,
    written: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    path, keys = written("name,email\nAnn,ann@x\n"), tmp_path / "keys.csv"
    with monkeypatch.context() as patched:
        losing_replies(server, patched, stored=False)
        assert main(["roster", "import", str(path), "--keys", str(keys)]) == 1
    assert "Nobody was added. Run the same command again." in capsys.readouterr().err
    assert main(["roster", "import", str(path), "--keys", str(keys)]) == 0
    assert "ann@x,ndl_" in keys.read_text()


def test_the_roster_the_invitations_and_the_record_are_shown(
    server: Running, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["roster", "add", "Tia [bold]", "tia@x", "--role", "assistant", "--section", "A"]) == 0
    assert main(["roster", "list", "--section", "A"]) == 0
    said = capsys.readouterr().out
    assert "Tia [bold]" in said
    assert "Instructor" not in said.split("shown only now")[1]
    assert main(["invite", "new", "--cap", "3"]) == 0
    assert main(["invite", "list"]) == 0
    assert main(["invite", "close", "1"]) == 0
    said = capsys.readouterr().out
    assert "Invitation 1, for 3 people. The code, shown only now: " in said
    assert "0 of 3" in said
    assert said.endswith("Invitation 1 is closed; 0 of 3 joined with it.\n")
    assert main(["audit", "--person", "tia@x"]) == 0
    assert capsys.readouterr().out.endswith("instructor@localhost: person added  tia@x\n")
    assert main(["audit"]) == 0
    assert "invite closed  invite=1" in capsys.readouterr().out
