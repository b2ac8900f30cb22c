"""The process in which a question's cases run: `python -c START JOB.json`, in the workspace.

Each case's outcomes go to a file of their own at once, so that a crash loses only the case that caused it.
"""

import json
import traceback
from pathlib import Path
from typing import Any

from grader.course.assignment import MARKER, Assignment, Definition
from grader.errors import ForeignModule
from grader.grading.cases import Case, Outcome, load_cases, run_case
from grader.grading.devices import picked
from grader.grading.values import Array
from grader.grading.wire import pack
from grader.running.importing import enter, forget, reached, stub_in, verify
from grader.running.locate import place

# `python -m` would import a student's own random.py or json.py in the place of Python's
START = """
import sys
sys.path.remove("") if "" in sys.path else None
from grader.running.case_process import main
main(sys.argv[1])
"""
NOT_STARTED = "NotStarted"
FOREIGN = "foreign.txt"  # holds the sentence when a module came from outside the workspace
CASES = "cases.json"  # says which cases a question has, when the job names no seeds


def main(job_file: str) -> None:
    job = json.loads(Path(job_file).read_text())
    workspace, out = Path(job["workspace"]), Path(job_file).parent
    definition = Definition.model_validate_json(job["definition"])  # read already, and YAML is slow to read
    assignment = Assignment(definition, workspace / "assignments" / definition.id)
    try:
        enter(workspace, assignment)
        if job["seeds"] is None:
            _describe(assignment, job["question"], out / CASES)
            return
        for name, seeds in job["seeds"].items():
            outcomes = _run_all(workspace, assignment, job["question"], name, seeds)
            verify(workspace, assignment)
            _write(out / f"{name}.blob", outcomes, keep_draws=job["keep_draws"])
    except ForeignModule as error:
        (out / FOREIGN).write_text(str(error))


def _describe(assignment: Assignment, question: str, path: Path) -> None:
    cases = load_cases(assignment.case_file(assignment.question(question)))
    path.write_text(
        json.dumps({name: {"seeds": case.seeds, "rules": case.rules()} for name, case in cases.items()})
    )


def _run_all(
    workspace: Path, assignment: Assignment, question: str, name: str, seeds: list[int]
) -> dict[int, Outcome]:
    try:
        case = load_cases(assignment.case_file(assignment.question(question)))[name]
    except ForeignModule:
        raise
    except Exception as error:
        failed = Outcome(raised=_raised(error), message=_message(error, workspace))
        return dict.fromkeys(seeds, failed)
    return {seed: _run_one(workspace, case, seed) for seed in seeds}


def _run_one(workspace: Path, case: Case, seed: int) -> Outcome:
    forget()
    outcome = run_case(case, seed)
    outcome.devices = picked()
    if outcome.error:
        outcome.message = _message(outcome.error, workspace)
    stub = stub_in(outcome.error) or next(iter(reached()), None)
    if stub:
        outcome.raised, outcome.message = NOT_STARTED, f"{MARKER}{stub}"
    return outcome


def _raised(error: BaseException) -> str:
    return NOT_STARTED if stub_in(error) else type(error).__name__


def _message(error: BaseException, workspace: Path) -> str:
    """Return the error's text and the innermost line of the workspace that it came through."""
    frames = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    found = place(frames[::-1], workspace)
    return f"{error} at {found}" if found else str(error)


def _write(path: Path, outcomes: dict[int, Outcome], *, keep_draws: bool) -> None:
    description: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for seed, outcome in outcomes.items():
        drawn = [array for array in outcome.drawn if array.dtype.kind in "biuf"] if keep_draws else []
        description[str(seed)] = {
            "tree": outcome.tree,
            "raised": outcome.raised,
            "message": outcome.message,
            "inputs": outcome.inputs,
            "devices": outcome.devices,
            "arrays": len(outcome.arrays),
            "drawn": len(drawn),
        }
        arrays |= {f"{seed}/value/{at}": array for at, array in enumerate(outcome.arrays)}
        arrays |= {f"{seed}/drawn/{at}": array for at, array in enumerate(drawn)}
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(pack(description, arrays))
    unfinished.rename(path)
