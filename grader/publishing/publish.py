"""Publish an assignment: run its cases on the reference for many seeds, check them, upload the values."""

import functools
import importlib.util
import os
import platform
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.client import Client
from grader.course.assignment import Assignment, Question
from grader.course.policy import Course
from grader.course.solution import Solution
from grader.errors import CaseError
from grader.grading.cases import Outcome
from grader.grading.draws import Draws
from grader.grading.values import Array, take_apart
from grader.grading.wire import bytes_array, pack
from grader.publishing.fairness import earned, figure_misses, unfair
from grader.publishing.trials import Trials, prepare
from grader.release.archive import write_archive
from grader.release.solutions import solutions
from grader.running.run_cases import TIMED_OUT, CaseInfo, Job, Outcomes, cases_of, run_question

CHECKED_SEEDS = 16  # on the stubs and in the second summation order; the reference runs on all of them
# One thread sums a small matrix, whatever is allowed; an older processor's kernels sum in other blocks.
OTHER_BLAS = {"x86_64": "Nehalem", "aarch64": "ARMV8", "arm64": "ARMV8"}
POOL_TIME = 1800.0  # seconds for one question's whole pool

Say = Callable[[str], None]


@dataclass
class Pool:
    """The expected values of one question: for each case and seed an outcome."""

    question: Question
    cases: dict[str, CaseInfo]
    expected: Outcomes
    reasons: list[str]  # against publishing them


def publish(
    root: Path,
    name: str,
    client: Client,
    *,
    top_up: bool,
    say: Say,
    scratch: Path | None = None,
    most_seeds: int | None = None,
) -> dict[str, Any]:
    """Run, check and upload an assignment; return the server's answer.

    What is built for it stays in `scratch`, by default build/publish, and serves the next time. With
    `most_seeds` no case gets more of them, for a server that only a few submissions will ask.
    Raises: CaseError, with every reason against the cases; BuildFailed; Unreachable; Rejected.
    """
    course = Course(root)
    assignment = course.assignment(name)
    scratch = scratch or root / "build" / "publish"
    trials = prepare(course, assignment, scratch / name)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # each waits for its question's processes
        pool_of = functools.partial(_pool, trials, assignment, say, most_seeds)
        pools = list(threads.map(pool_of, assignment.questions))
    reasons = [reason for pool in pools for reason in pool.reasons]
    if reasons:
        raise CaseError("\n".join(reasons))
    archive = write_archive(course, assignment, scratch / f"{name}.tar.gz").read_bytes()
    blob = _blob(assignment, pools, archive, top_up, solutions(course, assignment, trials.stubs))
    answer: dict[str, Any] = client.send_blob("PUT", f"/assignments/{name}", blob)
    return answer


def _pool(
    trials: Trials, assignment: Assignment, say: Say, most_seeds: int | None, question: Question
) -> Pool:
    """Return a question's expected values, and the reasons against them."""
    on_reference = Job(trials.solved, assignment, question, keep_draws=True, threads=1, time_limit=POOL_TIME)
    cases = cases_of(on_reference)
    seeds = {name: _fresh_seeds(min(case.seeds, most_seeds or case.seeds)) for name, case in cases.items()}
    once = run_question(Job(trials.solved, assignment, question), {name: [0] for name in cases})
    slow = [name for name in cases if once[name][0].raised == TIMED_OUT]
    if slow:
        said = f"the reference takes longer than the question's {question.time_limit:g} seconds"
        where = assignment.case_file(question)
        return Pool(question, cases, {}, [f"{where}: {name}: {said}." for name in slow])
    few = {name: drawn[:CHECKED_SEEDS] for name, drawn in seeds.items()}
    expected = run_question(on_reference, seeds)
    reordered = run_question(another_order(trials, assignment, question), few)
    stub = run_question(Job(trials.stubs, assignment, question, time_limit=POOL_TIME), few)
    reasons = []
    for name, case in cases.items():
        found = list(unfair(case.rules, expected[name], reordered[name], stub[name]))
        if not found:
            expected[name] = earned(case.rules, expected[name])
        if case.rules["figure"] and not found:
            labels = _labels(assignment, question, name, expected[name])
            other = {seed: one for seed, one in reordered[name].items() if seed in labels}
            both = (expected[name], other)
            found = [said for outcomes in both for said in figure_misses(case.rules, outcomes, labels)]
            expected[name] = labels
        reasons += [f"{assignment.case_file(question)}: {name}: {reason.rstrip('.')}." for reason in found]
    counts = ", ".join(f"{name} on {len(outcomes)} seeds" for name, outcomes in expected.items())
    say(f"{assignment.id}/{question.id}: {counts}")
    return Pool(question, cases, expected, reasons)


def another_order(trials: Trials, assignment: Assignment, question: Question) -> Job:
    """Return a job that runs the reference with sums taken in another order."""
    blas = OTHER_BLAS.get(platform.machine())
    return Job(trials.solved, assignment, question, threads=2, blas=blas, time_limit=POOL_TIME)


def _fresh_seeds(count: int) -> list[int]:
    """Return random seeds that fit a signed 64-bit column."""
    return [secrets.randbits(63) for _ in range(count)]


def _labels(
    assignment: Assignment, question: Question, name: str, reference: dict[int, Outcome]
) -> dict[int, Outcome]:
    """Return the labels that the server keeps, from the file that no release carries.

    Raises: CaseError when that file has no function of the case's name.
    """
    path = assignment.folder / "labels" / f"{question.id}.py"
    spec = importlib.util.spec_from_file_location(f"labels_{question.id}", path)
    function = None
    if path.is_file() and spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        function = getattr(module, name, None)
    if function is None:
        raise CaseError(f"{path}: {name} grades a figure. Expected its labels here: `def {name}(rng)`.")
    return {seed: _labels_of(function, seed, outcome.inputs) for seed, outcome in reference.items()}


def _labels_of(function: Callable[[np.random.Generator], object], seed: int, inputs: str) -> Outcome:
    tree, arrays = take_apart(function(Draws(seed)), function.__name__)
    return Outcome(tree, arrays, inputs=inputs)


def _blob(
    assignment: Assignment, pools: list[Pool], archive: bytes, top_up: bool, solved: dict[str, Solution]
) -> bytes:
    expected: dict[str, Any] = {}
    arrays: dict[str, Array] = {"release": bytes_array(archive)}
    for pool in pools:
        for case, outcomes in pool.expected.items():
            name = f"{pool.question.id}/{case}"
            expected[name] = {
                str(seed): {"tree": one.tree, "inputs": one.inputs} for seed, one in outcomes.items()
            }
            for seed, one in outcomes.items():
                arrays |= {f"{name}/{seed}/{at}": array for at, array in enumerate(one.arrays)}
    description = {
        "definition": assignment.definition.model_dump(mode="json"),
        "cases_digest": assignment.cases_digest(),
        "cases": {
            pool.question.id: {name: case.rules for name, case in pool.cases.items()} for pool in pools
        },
        "expected": expected,
        "reference": {"python": platform.python_version(), "numpy": np.__version__, "platform": sys.platform},
        "top_up": top_up,
        "solutions": {question: one.model_dump(mode="json") for question, one in solved.items()},
    }
    return pack(description, arrays)


def show_published(answer: dict[str, Any]) -> None:
    """Print what the server made of it."""
    print(f"{answer['assignment']}: version {answer['version']}. {answer['text']}")
    for question, counts in answer["seeds"].items():
        print(f"  {question}: {', '.join(f'{count} seeds of {case}' for case, count in counts.items())}")
    shared = answer["collision"]
    print(
        f"The chance that some two of {shared['people']} students draw one seed of the smallest pool "
        f"({shared['pool']}): {shared['any_two']:.2g}."
    )
