"""What came of a run of the local tests: marks, points and Gradescope's results.json."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.course.assignment import Assignment, Question
from grader.grading.scores import Tally, assignment_score, points, waiting_for
from grader.running.mending import COPY

PASSED, FAILED, NOT_STARTED, NOT_RUN = "passed", "failed", "not started", "not run"


@dataclass(frozen=True)
class Ran:
    """One test that was run, or should have been."""

    name: str
    outcome: str  # PASSED, FAILED or NOT_STARTED
    message: str = ""
    printed: str = ""  # the end of what it wrote to standard output
    stubs: list[str] = field(default_factory=list)  # those that it reached, as `hw0/add`


@dataclass(frozen=True)
class QuestionResult:
    """What came of one question's tests."""

    question: str
    tests: list[Ran]
    problem: str = ""  # why not all of them ran: a crash, a hang, a build or an import that failed
    devices: list[str] = field(default_factory=list)  # what the tests say that they computed on

    @property
    def tally(self) -> Tally:
        return Tally(sum(test.outcome == PASSED for test in self.tests), len(self.tests))

    @property
    def missing(self) -> list[Ran]:
        return [test for test in self.tests if test.outcome != PASSED]

    @property
    def not_started(self) -> bool:
        """Tell whether all that is missing is missing because a stub was reached."""
        return bool(self.missing) and all(test.outcome == NOT_STARTED for test in self.missing)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, which travels on a pytest report."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> "QuestionResult":
        tests = [Ran(**test) for test in said["tests"]]
        return cls(said["question"], tests, said["problem"], said["devices"])


@dataclass(frozen=True)
class LocalRun:
    """The questions that were asked for, and the results that are there so far."""

    assignment: Assignment
    questions: Sequence[Question]
    results: dict[str, QuestionResult] = field(default_factory=dict)

    @property
    def tallies(self) -> dict[str, Tally]:
        return {name: result.tally for name, result in self.results.items()}

    @property
    def score(self) -> float:
        return assignment_score(self.questions, self.tallies)

    @property
    def possible(self) -> float:
        return sum(question.points for question in self.questions)

    def tally(self, question: Question) -> Tally:
        """Return how many tests pass; of a question that was not run, the number of its tests."""
        found = self.tallies.get(question.id)
        return found or Tally(0, len(named_tests(self.assignment.test_file(question))))

    def mark(self, question: Question) -> str:
        """Return a question's state in words: it may wait for others, which is no failure of its own."""
        result = self.results.get(question.id)
        if result is None:
            return NOT_RUN
        if result.tally.full:
            return PASSED
        waits = [need for need in waiting_for(question, self.tallies) if need in self.results]
        if not waits and result.not_started:
            waits = self._stubs_of_others(question, result)
            if not waits:
                return NOT_STARTED
        return f"waits for {', '.join(waits)}" if waits else FAILED

    def _stubs_of_others(self, question: Question, result: QuestionResult) -> list[str]:
        """Return the other questions whose stubs were reached; none when this one's own was."""
        here = f"{self.assignment.id}/"
        stubs = dict.fromkeys(stub.removeprefix(here) for test in result.missing for stub in test.stubs)
        return [] if question.id in stubs else list(stubs)

    def gradescope(self, seconds: float) -> dict[str, Any]:
        """Return the content of a results.json."""
        return {
            "score": self.score,
            "execution_time": round(seconds, 2),
            "output": "Local estimate: the score is what the scoring server gives for its own cases.",
            "visibility": "visible",
            "tests": [self._entry(question) for question in self.questions],
        }

    def _entry(self, question: Question) -> dict[str, Any]:
        tally, mark = self.tally(question), self.mark(question)
        result = self.results.get(question.id)
        extra = {"question": question.id, "passed": tally.passed, "total": tally.total, "mark": mark}
        if result and result.devices:
            extra["devices"] = result.devices
        return {
            "name": question.title,
            "score": points(question, tally),
            "max_score": question.points,
            "status": "passed" if mark == PASSED else "failed",
            "output": explain(result) if result and mark == FAILED else mark,
            "visibility": "visible",
            "extra_data": extra,
        }


def explain(result: QuestionResult) -> str:
    """Return why a question fails: its problem or first failing test in full, the others in a line each."""
    failing = [test for test in result.missing if test.message not in ("", NOT_RUN, result.problem)]
    lines = result.problem.splitlines()
    for at, test in enumerate(failing):
        if at == 0 and not result.problem:
            lines += [test.name, *(f"  {line}" for line in test.message.splitlines())]
            lines += [f"  printed: {line}" for line in test.printed.splitlines()]
        else:
            lines.append(f"{test.name}: {_first_line(test.message)}")
    return "\n".join(lines).replace(f"{COPY}/", "")  # the lines of the copy are those of the workspace


def named_tests(path: Path) -> list[str]:
    """Return the names of a file's test functions, read without running it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


def _first_line(text: str, limit: int = 100) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= limit else f"{line[:limit]}..."
