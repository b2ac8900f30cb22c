"""The pytest plugin in the process of the checks: it gives them the project, and tells what came of each."""

import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from grader.course.project import load_project
from grader.errors import CheckFailed
from grader.local.failures import describe
from grader.project.checked import CheckedProject

_LONGEST = 4000  # characters of a message
_MARKS = {True: "passed", False: "FAILED"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--project-task", metavar="FILE", help="what to check, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    task = json.loads(Path(config.getoption("--project-task")).read_text(encoding="utf-8"))
    config.pluginmanager.register(Inside(task))


def require(problem: str) -> None:
    """Raises: CheckFailed, in the problem's words, if there is one."""
    if problem:
        raise CheckFailed(problem)


class Inside:
    """Give the checks their project, and write down what came of them."""

    def __init__(self, task: dict[str, Any]):
        self._task = task
        self._tests: list[dict[str, Any]] = []
        self._errors: list[BaseException] = []

    @pytest.fixture(scope="session")
    def project(self) -> CheckedProject:
        """The project that is checked."""
        project = load_project(Path(self._task["assignment"]))
        return CheckedProject(Path(self._task["workspace"]), project, self._task["build_problem"])

    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: Any) -> None:
        """Count a check whose file can't be imported as one that fails."""
        if isinstance(node, pytest.Collector):
            self._note(node.path.stem, "it can be read", describe(call.excinfo.value, node.path.parent))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None:
            self._errors.append(call.excinfo.value)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._errors.clear()
        result = yield
        message = describe(self._errors[0], Path(self._task["workspace"])) if self._errors else ""
        self._note(item.path.stem, item.name, message)
        return result

    def pytest_sessionfinish(self) -> None:
        Path(self._task["results"]).write_text(json.dumps(self._tests), encoding="utf-8")

    def _note(self, file: str, name: str, message: str) -> None:
        check, name = file.removeprefix("test_"), name.removeprefix("test_").replace("_", " ")
        passed = not message
        said = {"check": check, "name": name[:200], "passed": passed, "message": message[:_LONGEST]}
        self._tests.append(said)
        print(f"  {check}: {name} ... {_MARKS[passed]}", file=sys.stderr, flush=True)
