"""The local tests as a pytest session: a question is an item, and the session closes with a table."""

import json
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

from grader.course.assignment import Assignment, Question
from grader.errors import GraderError
from grader.local.questions import Tested, run_question
from grader.local.results import FAILED, LocalRun, QuestionResult, Ran, explain, named_tests
from grader.local.running import RunningQuestions
from grader.local.table import next_step, render
from grader.running.build import BuildReport, build
from grader.workspace.folder import Workspace

PROPERTY = "grader_question"  # under which a result travels on a report
RESULTS = "build/results"


def find(config: pytest.Config) -> tuple[Workspace, Assignment, list[Question]]:
    """Return what the options ask for. Raises: pytest.UsageError when there is no such thing."""
    try:
        workspace = Workspace.find(config.invocation_params.dir)
        assignment = workspace.assignment(config.getoption("hw"))
        names = config.getoption("question")
        for name in names:
            assignment.question(name)
    except GraderError as error:
        raise pytest.UsageError(str(error)) from None
    chosen = [question for question in assignment.questions if not names or question.id in names]
    return workspace, assignment, chosen


class UnsolvedError(Exception):
    """Not every test of a question passed. The text says why."""


class QuestionItem(pytest.Item):
    """All tests of one question."""

    def __init__(self, *, tested: Tested, question: Question, **given: Any):
        super().__init__(**given)
        self.tested = tested
        self.question = question
        self.result_of: Callable[[Question], QuestionResult] = partial(run_question, tested)

    def runtest(self) -> None:
        result = self.result_of(self.question)
        self.user_properties.append((PROPERTY, result.to_dict()))
        if not result.tally.full:
            raise UnsolvedError(explain(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (UnsolvedError, GraderError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.tested.assignment.test_file(self.question), 0, self.question.id


class QuestionSession:
    """Collect the questions, run them after one build, and show what came of them."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.workspace, assignment, questions = find(config)
        self.run = LocalRun(assignment, questions)
        self.is_worker = hasattr(config, "workerinput")
        self.build = BuildReport(True)
        self.started = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Build once, before xdist starts its workers, which are told the outcome."""
        if self.is_worker:
            said = self.config.workerinput["grader_build"]  # type: ignore[attr-defined]
            self.build = BuildReport(said["ok"], problems=said["problems"])
            return
        self.build = build(self.workspace.root, self.run.assignment)
        if not self.build.ok:
            self._say("The build failed:", *(f"  {error}" for error in self.build.errors))
            stopped = ", ".join(self.build.problems) or "none"
            self._say(f"The questions that this stops: {stopped}. Everything else is built and tested.", "")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["grader_build"] = {"ok": self.build.ok, "problems": self.build.problems}

    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Make one item a question, whatever files the command line or the student's pytest.ini names."""
        if self.config.pluginmanager.has_plugin("dsession"):
            return None  # xdist's controller collects nothing: its workers do
        tested = Tested(self.workspace.root, self.run.assignment, self.build)
        session.items = [self._item(session, tested, question) for question in self.run.questions]
        session.testscollected = len(session.items)
        self.config.hook.pytest_collection_finish(session=session)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run several questions at a time, ahead of their turns. Workers of xdist are several already."""
        if self.is_worker or not session.items or session.config.option.collectonly:
            return (yield)
        tested = Tested(self.workspace.root, self.run.assignment, self.build)
        running = RunningQuestions(tested, self.run.questions)
        for item in session.items:
            assert isinstance(item, QuestionItem)
            item.result_of = running.result
        try:
            return (yield)
        finally:
            running.stop()

    def _item(self, session: pytest.Session, tested: Tested, question: Question) -> QuestionItem:
        nodeid = f"{self.run.assignment.id}::{question.id}"
        item: QuestionItem = QuestionItem.from_parent(
            session, name=question.id, nodeid=nodeid, tested=tested, question=question
        )
        return item

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """Leave the letters out: a line is shown for each question instead."""
        counted = report.when == "call" or report.failed
        return (report.outcome if counted else "", "", "")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.is_worker or (report.when != "call" and not report.failed):
            return
        name = report.nodeid.rpartition("::")[2]
        result = self._carried(report) or self._lost(name, report)
        self.run.results[name] = result
        self._say(f"{name} {result.tally.passed}/{result.tally.total}")

    def _carried(self, report: pytest.TestReport) -> QuestionResult | None:
        carried: dict[str, Any] = dict(report.user_properties)
        return QuestionResult.from_dict(carried[PROPERTY]) if PROPERTY in carried else None

    def _lost(self, name: str, report: pytest.TestReport) -> QuestionResult:
        """Return the result of a question whose run itself broke: it gets no points, but keeps its place."""
        question = self.run.assignment.question(name)
        problem = str(report.longrepr)
        tests = named_tests(self.run.assignment.test_file(question))
        return QuestionResult(name, [Ran(test, FAILED, problem) for test in tests], problem)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        for question in self.run.questions:
            if self.run.mark(question) == FAILED:
                result = self.run.results[question.id]
                terminalreporter.section(question.id, "-")
                terminalreporter.write_line(explain(result))
        writer = self.config.get_terminal_writer()
        encoding = getattr(writer._file, "encoding", None) or "ascii"
        unicode = encoding.lower().replace("-", "") == "utf8"
        table = render(
            self.run, self.workspace.root, width=writer.fullwidth, color=writer.hasmarkup, unicode=unicode
        )
        terminalreporter.write_line("")
        terminalreporter.write(table)
        terminalreporter.write_line(next_step(self.run, self.workspace.root))

    def pytest_sessionfinish(self) -> None:
        """Write results.json where it is asked for, and after a whole run also into build/results."""
        if self.is_worker:
            return
        results = self.run.gradescope(time.monotonic() - self.started)
        asked = self.config.getoption("results_json")
        if asked:
            _write(self.config.invocation_params.dir / asked, results)
        if len(self.run.questions) == len(self.run.assignment.questions):
            _write(self.workspace.root / RESULTS / f"{self.run.assignment.id}.json", results)

    def _say(self, *lines: str) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal:
            terminal.write_line("\n".join(lines))


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    half.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    half.replace(path)
