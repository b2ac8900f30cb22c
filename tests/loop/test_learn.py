"""Learning alone: a workspace, a server and a key from one command, again and again."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from shared_course import Server

from grader.client import Client, Login, load_login, login_file, save_login
from grader.errors import GraderError, Unreachable
from grader.publishing.hosting import learn

LAST_LINE = "Ctrl-C ends the server"


@pytest.fixture
def course(tmp_path: Path, hosted: Server, repository: Path) -> Path:
    """This course in another folder; its learner's server starts with what is published already."""
    root = tmp_path / "course"
    kept = root / "data" / "learn"
    root.mkdir()
    for name in ("course.yaml", "assignments", "reference", "grader", "workspace", "datasets"):
        (root / name).symlink_to(repository / name)
    hosted.copy_data(kept)
    return root


@contextmanager
def learning(course: Path, into: Path, port: int = 0) -> Iterator["subprocess.Popen[str]"]:
    """Run the command in a terminal of its own until the block ends, as with Ctrl-C."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEEDLE_GRADER")}
    command = [sys.executable, "-m", "grader.cli", "learn", "--into", str(into), "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=course, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)


def opening_words(process: "subprocess.Popen[str]") -> str:
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if LAST_LINE in line:
            return said
    raise AssertionError(f"it ended, and said only: {said}")


def test_a_learner_gets_a_workspace_a_server_and_a_key_and_finds_them_again(
    course: Path, tmp_path: Path
) -> None:
    into = tmp_path / "learner"
    with learning(course, into) as process:
        said = opening_words(process)
        assert f"cd {into} && make test" in said
        first = load_login(into)
        assert login_file(into).stat().st_mode & 0o777 == 0o600
        assert Client(first).get("/me")["role"] == "student"
        assert "not started: hw0/add" in (into / "hw0" / "simple_ml.py").read_text()
    assert process.returncode == 130
    with pytest.raises(Unreachable):
        Client(first).get("/me")

    (into / "hw0" / "simple_ml.py").write_text("mine = True\n")
    with learning(course, into) as process:
        opening_words(process)
        again = load_login(into)
        assert again.key == first.key
        assert Client(again).get("/me")["name"] == "Self-learner"
    assert (into / "hw0" / "simple_ml.py").read_text() == "mine = True\n"


def test_a_learner_can_begin_while_later_homeworks_are_being_published(course: Path, tmp_path: Path) -> None:
    kept = course / "data" / "learn"
    with closing(sqlite3.connect(kept / "course.db")) as database, database:
        database.execute("UPDATE versions SET cases_digest = 'older' WHERE assignment = 'hw4'")
    with learning(course, tmp_path / "learner") as process:
        opening_words(process)
        here = Client(load_login(tmp_path / "learner"))
        assert "older" in [one["cases_digest"] for one in here.get("/assignments")]
    assert process.returncode == 130


def test_a_port_that_is_taken_is_a_sentence_and_makes_no_workspace(course: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "grader.cli", "learn", "--into", "../new", "--port"]
        done = subprocess.run(
            [*command, str(taken.getsockname()[1])], cwd=course, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "PORT=0" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("inside", ["", "hw0"])
def test_a_workspace_of_another_course_keeps_its_login(repository: Path, tmp_path: Path, inside: str) -> None:
    (tmp_path / ".grader" / "releases").mkdir(parents=True)
    (tmp_path / "hw0").mkdir()
    (tmp_path / "hw0" / "simple_ml.py").touch()
    save_login(tmp_path, Login("https://course.example.org", "ndl_student"))
    with pytest.raises(GraderError, match=r"logged in to https://course\.example\.org"):
        learn(repository, tmp_path / inside, port=0)
    assert load_login(tmp_path).key == "ndl_student"


def test_a_folder_with_other_things_in_it_stays_as_it_is(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(GraderError, match="new or empty folder"):
        learn(repository, tmp_path, port=0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert "Serving" not in capfd.readouterr().out
