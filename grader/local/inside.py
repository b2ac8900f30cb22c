"""The pytest plugin inside a question's own process: it runs the tests and writes what happens to a file.

An event is written, as a line of JSON, as soon as it happens, so that a crash loses nothing before it.
"""

import faulthandler
import importlib.util
import json
import os
import random
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.assignment import load_assignment
from grader.errors import ForeignModule
from grader.grading.devices import picked
from grader.local.failures import describe
from grader.local.history import EVENTS, STACK, TASK
from grader.local.results import FAILED, NOT_STARTED, PASSED, Ran
from grader.running import importing

_PRINTED_LINES = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--grader-task", metavar="FILE", help="what to test, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Enter the workspace before anything of it is imported."""
    folder = Path(config.getoption("--grader-task")).parent
    task = json.loads((folder / TASK).read_text(encoding="utf-8"))
    inside = Inside(folder, Path(task["workspace"]), task["assignment"])
    config.pluginmanager.register(inside)
    stack = open(folder / STACK, "w")  # noqa: SIM115 - open for as long as the process lives
    faulthandler.enable(stack)
    faulthandler.dump_traceback_later(task["time_limit"], exit=True, file=stack)
    if "hypothesis" in Path(task["test_file"]).read_text(encoding="utf-8"):  # its import is slow
        _make_hypothesis_repeatable()
    os.chdir(inside.workspace)
    try:
        importing.enter(inside.workspace, inside.assignment)
    except ForeignModule as error:
        inside.write("broken", message=str(error), stubs=[])
        pytest.exit(str(error), returncode=1)


def _make_hypothesis_repeatable() -> None:
    """Set what its decorators take over when the tests are imported."""
    if importlib.util.find_spec("hypothesis"):
        from hypothesis import settings

        settings.register_profile(
            "grader", derandomize=True, deadline=None, database=None, report_multiple_bugs=False
        )
        settings.load_profile("grader")


class Inside:
    """Follow the tests of one question and write down what happens."""

    def __init__(self, folder: Path, workspace: Path, assignment: str):
        self.workspace = workspace
        self.assignment = load_assignment(workspace / "assignments" / assignment)
        self._events = open(folder / EVENTS, "a", encoding="utf-8")  # noqa: SIM115
        self._phases: list[tuple[pytest.TestReport, BaseException | None]] = []

    def write(self, event: str, **said: Any) -> None:
        self._events.write(json.dumps({"event": event, **said}) + "\n")
        self._events.flush()

    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: Any) -> None:
        """Say why a file of tests can't be imported."""
        if isinstance(node, pytest.Collector):
            error = call.excinfo.value
            if isinstance(error, node.CollectError) and error.__cause__:
                error = error.__cause__
            stubs = _stubs([error])
            self.write("broken", message=describe(error, self.workspace), stubs=stubs)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        foreign = self._foreign()
        if foreign:
            self.write("broken", message=foreign, stubs=[])
            session.items.clear()
        self.write("collected", tests=[_name(item) for item in session.items])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._phases.clear()
        importing.forget()
        seed = zlib.crc32(item.name.encode())
        random.seed(seed)
        np.random.seed(seed)
        self.write("started", test=_name(item), devices=picked())
        result = yield
        self.write("ran", test=vars(self._ran(item)), devices=picked())
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._phases.append((report, call.excinfo.value if call.excinfo else None))
        return report

    def pytest_sessionfinish(self) -> None:
        self.write("finished")

    def _ran(self, item: pytest.Item) -> Ran:
        errors = [error for _, error in self._phases if error is not None]
        passed = all(report.passed and not hasattr(report, "wasxfail") for report, _ in self._phases)
        stubs = _stubs(errors)
        foreign = self._foreign()
        if stubs and not foreign:
            return Ran(_name(item), NOT_STARTED, f"not started: {', '.join(stubs)}", stubs=stubs)
        if passed and not foreign:
            return Ran(_name(item), PASSED)
        message = foreign or (describe(errors[0], self.workspace) if errors else "the test was skipped")
        printed = "".join(report.capstdout for report, _ in self._phases[-1:]).splitlines()
        return Ran(_name(item), FAILED, message, "\n".join(printed[-_PRINTED_LINES:]))

    def _foreign(self) -> str:
        try:
            importing.verify(self.workspace, self.assignment)
        except ForeignModule as error:
            return str(error)
        return ""


def _stubs(errors: list[BaseException]) -> list[str]:
    """Return the stubs that were reached: noted on the way, or seen in an error."""
    seen = [importing.stub_in(error) for error in errors]
    return list(dict.fromkeys([*importing.reached(), *(stub for stub in seen if stub)]))


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[2]
