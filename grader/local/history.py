"""What happened in a question's own process: the files that it leaves, read after it has ended."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from grader.course.assignment import Question
from grader.local.results import FAILED, NOT_RUN, NOT_STARTED, QuestionResult, Ran
from grader.running.locate import place_in_stack
from grader.running.process import Finished

EVENTS, STACK, TASK = "events.jsonl", "stack.txt", "task.json"


class History:
    """The events of one process, and how it ended."""

    def __init__(self, folder: Path, question: Question, workspace: Path, finished: Finished):
        self._question = question
        self._finished = finished
        events = _read_events(folder / EVENTS)
        self._broken = events["broken"]
        self._collected: list[str] = [name for said in events["collected"] for name in said["tests"]]
        self._started: list[str] = [said["test"] for said in events["started"]]
        self._ran = [Ran(**said["test"]) for said in events["ran"]]
        self._ended = bool(events["finished"])
        said = [*events["started"], *events["ran"]]
        self._devices = list(dict.fromkeys(name for one in said for name in one["devices"]))
        stack = (folder / STACK).read_text("utf-8", "replace") if (folder / STACK).exists() else ""
        self._hung = finished.timed_out or stack.startswith("Timeout (")
        self._place = place_in_stack(stack, workspace)

    def result(self, named: list[str]) -> QuestionResult:
        """Return each test's outcome; one that never came to run has failed."""
        names = self._collected or named
        if self._broken:
            return self._not_imported(names)
        problem = self._problem()
        done = {test.name: test for test in self._ran}
        tests = [done.get(name) or self._unrun(name, problem) for name in names]
        return QuestionResult(self._question.id, tests, problem, self._devices)

    def _not_imported(self, names: list[str]) -> QuestionResult:
        stubs = [stub for said in self._broken for stub in said["stubs"]]
        problem = "" if stubs else str(self._broken[0]["message"])
        tests = [Ran(name, NOT_STARTED if stubs else FAILED, problem, "", stubs) for name in names]
        return QuestionResult(self._question.id, tests, problem)

    def _unrun(self, name: str, problem: str) -> Ran:
        return Ran(name, FAILED, problem if name in self._started else NOT_RUN)

    def _problem(self) -> str:
        if self._ended and self._collected:
            return ""
        if self._ended:
            return f"no test was found in test_{self._question.id}.py. Get the file back with `make update`."
        test = self._started[-1] if self._started else f"the import of test_{self._question.id}.py"
        where = f" at {self._place}" if self._place else ""
        if self._hung:
            return f"stopped after {self._question.time_limit:g} seconds in {test}{where}"
        how = self._finished.signal_name or f"exit code {self._finished.returncode}"
        last = "" if where else "".join(self._finished.output.strip().splitlines()[-1:])
        return f"the process died ({how}) in {test}{where}" + (f": {last}" if last else "")


def _read_events(path: Path) -> defaultdict[str, list[dict[str, Any]]]:
    """Return what was said at each kind of event; a last line cut short by a crash is left out."""
    events: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for line in text.split("\n")[:-1]:
        said = json.loads(line)
        events[said["event"]].append(said)
    return events
