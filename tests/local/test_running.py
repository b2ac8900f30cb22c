"""Questions that run at the same time: none loses by it, and none outlives the session."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course.assignment import load_assignment
from grader.local import questions, running
from grader.local.running import RunningQuestions
from grader.running.build import BuildReport

Front = Any  # the class of the fixture `front`
LIMIT = 30.0  # seconds until a test gives up waiting

# Each waits until the other is there as well, and so passes only beside it.
MEETING = """import os, time
from work import {name}
def test_a():
    open("{name}.here", "w").close()
    end = time.monotonic() + 20
    while not os.path.exists("{other}.here"):
        assert time.monotonic() < end
        time.sleep(0.05)
"""
SHARE = """import os
from work import {name}
def test_a(): assert os.environ["OMP_NUM_THREADS"] == "{threads}"
"""
HANGING = """import os, time
from work import {name}
def test_a():
    with open("{name}.part", "w") as file: file.write(str(os.getpid()))
    os.rename("{name}.part", "{name}.pid")
    time.sleep(600)
"""
SOURCE = "def one(x): return x\ndef two(x): return x\ndef three(x): return x\n"


@pytest.fixture
def start(
    make_workspace: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RunningQuestions]:
    """Return a function that starts the questions with these tests as on a machine with so many cores."""

    def begin(tests: dict[str, str], cores: int) -> RunningQuestions:
        for module in (questions, running):
            monkeypatch.setattr(module, "cores", lambda: cores)
        workspace = make_workspace(tmp_path / "work", SOURCE, tests)
        assignment = load_assignment(workspace / "assignments" / "hw0")
        return RunningQuestions(
            questions.Tested(workspace, assignment, BuildReport(True)), assignment.questions
        )

    return begin


def passed(started: RunningQuestions, tests: dict[str, str], workspace: Path) -> dict[str, bool]:
    assignment = load_assignment(workspace / "assignments" / "hw0")
    try:
        return {name: started.result(assignment.question(name)).tally.full for name in tests}
    finally:
        started.stop()


def test_as_many_run_at_a_time_as_there_are_cores(
    start: Callable[..., RunningQuestions], tmp_path: Path
) -> None:
    tests = {"one": MEETING.format(name="one", other="two"), "two": MEETING.format(name="two", other="one")}
    assert passed(start(tests, 2), tests, tmp_path / "work") == {"one": True, "two": True}


def test_those_that_run_at_once_share_the_cores(
    start: Callable[..., RunningQuestions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    tests = {name: SHARE.format(name=name, threads=3) for name in ("one", "two")}
    assert passed(start(tests, 6), tests, tmp_path / "work") == {"one": True, "two": True}


def test_a_number_of_threads_that_the_student_set_stays(
    start: Callable[..., RunningQuestions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    tests = {name: SHARE.format(name=name, threads=1) for name in ("one", "two")}
    assert passed(start(tests, 6), tests, tmp_path / "work") == {"one": True, "two": True}


def test_stop_ends_what_runs_and_begins_nothing_more(
    start: Callable[..., RunningQuestions], tmp_path: Path
) -> None:
    started = start({name: HANGING.format(name=name) for name in ("one", "two", "three")}, 2)
    processes = [pid_in(tmp_path / "work" / f"{name}.pid") for name in ("one", "two")]
    started.stop()
    assert not [process for process in processes if is_alive(process)]
    assert not (tmp_path / "work" / "three.pid").exists()


def test_x_does_not_wait_for_questions_that_hang_behind_the_first_failure(front: Front) -> None:
    fails = "from work import one\ndef test_a(): assert one(1) == 2\n"
    front.make(SOURCE, {"one": fails, "two": HANGING.format(name="two")})
    ran = front("--hw", "hw0", "-x", timeout=LIMIT)  # the second would take a minute
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    assert front.marks == {"one": "failed", "two": "not run"}
    started = front.root / "two.pid"
    assert not started.exists() or not is_alive(pid_in(started))


def test_ctrl_c_ends_every_question_and_shows_the_table(front: Front) -> None:
    front.make(SOURCE, {name: HANGING.format(name=name) for name in ("one", "two")})
    output = front.root / "output.txt"
    session = front.start("--hw", "hw0", output=output)
    try:
        pid_in(front.root / "one.pid")
        session.send_signal(signal.SIGINT)
        assert session.wait(timeout=LIMIT) == pytest.ExitCode.INTERRUPTED
    finally:
        session.kill()
        session.wait()
    started = [path for path in (front.root / "one.pid", front.root / "two.pid") if path.exists()]
    assert not [path for path in started if is_alive(pid_in(path))]
    assert "0/100" in output.read_text()


def pid_in(path: Path) -> int:
    """Return the process that a test noted, as soon as it has."""
    end = time.monotonic() + LIMIT
    while not path.exists():
        assert time.monotonic() < end, f"{path} was never written"
        time.sleep(0.05)
    return int(path.read_text())


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
