"""Run a question's local tests in a process of its own, which may hang or crash."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment, Question
from grader.local.history import TASK, History
from grader.local.results import FAILED, QuestionResult, Ran, named_tests
from grader.running import process
from grader.running.build import BuildReport
from grader.running.importing import sources
from grader.running.process import Finished
from grader.running.run_cases import THREADS

GROUP = "group"  # the file that holds the id of a question's process group
_START = """
import os
import sys
sys.path.remove("") if "" in sys.path else None
with open(sys.argv[1], "w") as group:
    group.write(str(os.getpid()))
import pytest
sys.exit(pytest.main(sys.argv[2:]))
"""
_IMPORTS = ("numpy", "pytest", "hypothesis", "grader.expect", "grader.course.assignment")
_STARTING = 30.0  # seconds for Python and pytest to start, on a slow machine
_DROPPED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")


@dataclass(frozen=True)
class Tested:
    """What a run tests: the workspace, the assignment, and the build that came before."""

    workspace: Path
    assignment: Assignment
    build: BuildReport


def run_question(
    tested: Tested, question: Question, scratch: Path | None = None, *, at_once: int = 1
) -> QuestionResult:
    """Run a question's tests. One whose C++ or CUDA does not compile fails unrun.

    Beside others, a question has its share of the cores and twice its time: it may get half a core.
    """
    names = named_tests(tested.assignment.test_file(question))
    if problem := tested.build.problems.get(question.id):
        return QuestionResult(question.id, [Ran(name, FAILED, problem) for name in names], problem)
    if at_once > 1:
        question = question.model_copy(update={"time_limit": 2 * question.time_limit})
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        finished = _run_process(tested, question, Path(folder), at_once)
        history = History(Path(folder), question, tested.workspace, finished)
        return history.result(names)


def _run_process(tested: Tested, question: Question, folder: Path, at_once: int) -> Finished:
    task = {
        "workspace": str(tested.workspace),
        "assignment": tested.assignment.id,
        "test_file": str(tested.assignment.test_file(question)),
        "time_limit": question.time_limit,
    }
    (folder / TASK).write_text(json.dumps(task), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return process.run_python(
        _START,
        [str(folder / GROUP), *_arguments(tested.assignment.test_file(question), folder)],
        imports=_IMPORTS,
        sources=sources(tested.workspace, tested.assignment),
        cwd=folder,
        env=_environment(tested.assignment, folder, at_once),
        time_limit=question.time_limit + _STARTING,
    )


def _arguments(test_file: Path, folder: Path) -> list[str]:
    """Return pytest's arguments, with which neither the student's pytest.ini nor a conftest.py counts."""
    plugins = ["-p", "grader.local.inside", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
    # this one collects garbage several times, for warnings that nobody sees
    plugins += ["-p", "no:unraisableexception"]
    rootdir = ["--rootdir", str(test_file.parent), "-c", str(folder / "pytest.ini"), "--noconftest"]
    task = ["--grader-task", str(folder / TASK)]
    return ["--import-mode=importlib", "-q", *plugins, *rootdir, *task, str(test_file)]


def _environment(assignment: Assignment, folder: Path, at_once: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    threads = dict.fromkeys(THREADS, str(max(1, cores() // at_once))) if at_once > 1 else {}
    given = {
        **assignment.definition.environment,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder),
    }
    if "PYTHONPATH" in kept:  # the folder changes, so relative entries must become absolute
        entries = kept["PYTHONPATH"].split(os.pathsep)
        given["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in entries if entry)
    return {**threads, **kept, **given}


def cores() -> int:
    """Return how many cores this process may use; a container often allows it fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
