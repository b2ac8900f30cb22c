"""Measure the scoring server: attempts drawn and answered, the student's own computing excluded.

`make bench` prints submissions a second, and the median and 99th percentile latency of both calls.
"""

import argparse
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

from grader.client import Client, Login
from grader.course.assignment import load_assignment
from grader.course.policy import Course
from grader.grading.cases import Case, load_cases, run_case
from grader.publishing.hosting import publish_all, running
from grader.release.command import solve
from grader.running import importing
from grader.running.build import build
from grader.submission.answer import answer
from grader.submission.submit import Attempt
from grader.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attempts", type=int, default=200)
    options = parser.parse_args()
    per_person = Course(ROOT).policy.attempts_per_hour
    with tempfile.TemporaryDirectory() as folder, running(ROOT, Path(folder, "server"), port=0) as hosted:
        next(publish_all(ROOT, hosted))  # hw0
        student = _Student(Path(folder, "solved"))
        drawing, answering = [], []
        for number in range(options.attempts):
            if number % per_person == 0:
                client = _enrolled(hosted.client, hosted.url, number // per_person)
            drawn, answered = student.submit(client)
            drawing.append(drawn)
            answering.append(answered)
    print(f"{options.attempts} attempts of hw0, one after another, every one scored 100.")
    print(f"submissions a second      {options.attempts / (sum(drawing) + sum(answering)):8.1f}")
    for what, seconds in (("POST attempts", drawing), ("POST answers", answering)):
        median, worst = np.percentile(seconds, [50, 99]) * 1000
        print(f"{what:24}  median {median:6.1f} ms   99th percentile {worst:6.1f} ms")
    return 0


class _Student:
    """The reference as a student, whose cases run in this very process: only the server is measured."""

    def __init__(self, folder: Path):
        solve(ROOT, "hw0", folder, None)
        self._workspace = Workspace.find(folder)
        self._assignment = load_assignment(folder / "assignments" / "hw0")
        build(folder, self._assignment)
        importing.enter(folder, self._assignment)
        self._cases: dict[str, dict[str, Case]] = {
            question.id: load_cases(self._assignment.case_file(question))
            for question in self._assignment.questions
        }

    def submit(self, client: Client) -> tuple[float, float]:
        """Submit once and return the seconds of both calls."""
        digest = self._assignment.cases_digest()
        began = time.perf_counter()
        drawn = client.post("/attempts", {"assignment": "hw0", "questions": [], "cases_digest": digest})
        drawing = time.perf_counter() - began
        attempt = Attempt(**drawn)
        outcomes = {
            (question, case): run_case(self._cases[question][case], seed)
            for question, seeds in attempt.seeds.items()
            for case, seed in seeds.items()
        }
        body = answer(outcomes, self._workspace.sources(self._assignment), attempt.limit_bytes).body
        key = {"Idempotency-Key": uuid.uuid4().hex}
        began = time.perf_counter()
        scored = client.send_blob("POST", f"/attempts/{attempt.id}/answers", body, key)
        answering = time.perf_counter() - began
        assert scored["score"] == 100, scored["verdicts"]
        return drawing, answering


def _enrolled(instructor: Client, url: str, number: int) -> Client:
    person = {"name": f"load {number}", "email": f"load{number}@example.org", "role": "student"}
    [added] = instructor.post("/roster", {"people": [person]})["people"]
    return Client(Login(url, added["key"]))


if __name__ == "__main__":
    sys.exit(main())
