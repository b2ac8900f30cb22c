"""A small course whose cases need only NumPy: what its instructor publishes, and right answers to it."""

from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from grader.course.policy import Policy
from grader.grading.cases import Case, Outcome, run_case
from grader.grading.values import take_apart
from grader.grading.wire import bytes_array, pack

DIGEST = "a" * 64
POLICY = Policy.model_validate(
    {
        "id": "tiny",
        "title": "A <small> course",
        "time_zone": "Europe/Berlin",
        "attempts_per_hour": 20,
        "requests_per_minute": 100_000,  # tests ask in a minute what a course does in a day
        "attempt_expiry_minutes": 120,
        "assignments": [
            {"id": "tiny0", "weight": 3},
            {"id": "later", "weight": 1, "release": datetime(2990, 1, 1)},
            {"id": "over", "weight": 0, "release": datetime(2001, 1, 1), "due": datetime(2001, 2, 1)},
            {"id": "unpublished", "weight": 0},
        ],
    }
)
FIELDS = {"id": "tiny0", "title": "Tiny <b>", "path": ["tiny"], "adds": ["tiny/work.py", "tiny/more.py"]}
QUESTIONS = [
    {
        "id": "double",
        "title": "Double & more",
        "points": 40,
        "implement": ["tiny.work.double"],
        "group": "Numbers",
    },
    {"id": "classify", "title": "Classify", "points": 60, "implement": ["tiny.work.classify"]},
]


def _array(rng: np.random.Generator) -> Any:
    return rng.normal(size=(3, 2)).astype("float32") * 2


def _tree(rng: np.random.Generator) -> Any:
    x = rng.normal(size=4)
    return {"sum": float(x.sum()), "count": 4, "parts": [x, (x > 0).astype("int64")], "kind": x.dtype}


def _figure(rng: np.random.Generator) -> Any:
    return rng.integers(0, 5, size=20)


def _whole(rng: np.random.Generator) -> Any:
    return rng.integers(0, 1000, size=3)


CASES = {
    "double": {"array": Case(_array), "tree": Case(_tree)},
    "classify": {"figure": Case(_figure, figure="error_rate", at_most=0.25), "whole": Case(_whole)},
}


@cache
def _expected(question: str, case: str, seed: int) -> Outcome:
    return run_case(CASES[question][case], seed)


def publication(
    seeds: range = range(100, 140), digest: str = DIGEST, name: str = "tiny0", **changes: Any
) -> bytes:
    """Return what an instructor publishes; a change of None leaves a field or the release out."""
    expected: dict[str, Any] = {}
    arrays: dict[str, Any] = {"release": bytes_array(f"archive of {name} {digest}".encode())}
    for question, cases in CASES.items():
        for case in cases:
            by_seed = expected.setdefault(f"{question}/{case}", {})
            for seed in seeds:
                outcome = _expected(question, case, seed)
                by_seed[str(seed)] = {"tree": outcome.tree, "inputs": outcome.inputs}
                arrays |= {f"{question}/{case}/{seed}/{at}": a for at, a in enumerate(outcome.arrays)}
    description: dict[str, Any] = {
        "definition": FIELDS | {"id": name, "questions": QUESTIONS},
        "cases_digest": digest,
        "cases": {
            question: {name: case.rules() for name, case in named.items()}
            for question, named in CASES.items()
        },
        "expected": expected,
        "reference": {"numpy": np.__version__, "python": "3.11"},
        "top_up": False,
    }
    if "release" in changes:
        arrays |= {"release": changes.pop("release")}
    arrays = {name: array for name, array in arrays.items() if array is not None} | changes.pop("arrays", {})
    return pack({key: value for key, value in (description | changes).items() if value is not None}, arrays)


def solve(attempt: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the description and the arrays of the right answer to an attempt."""
    values, arrays = {}, {"source:tiny/work.py": bytes_array(b"def double(x): ...")}
    for question, seeds in attempt["seeds"].items():
        for case, seed in seeds.items():
            outcome = run_case(CASES[question][case], seed)
            values[f"{question}/{case}"] = {"tree": outcome.tree, "inputs": outcome.inputs}
            arrays |= {f"{question}/{case}/{at}": array for at, array in enumerate(outcome.arrays)}
    return {"values": values, "client": {"python": "3.11", "numpy": np.__version__, "platform": "x"}}, arrays


def right(attempt: dict[str, Any]) -> bytes:
    return pack(*solve(attempt))


def with_value(attempt: dict[str, Any], name: str, value: object) -> bytes:
    """Return the right answer, but for one case."""
    description, arrays = solve(attempt)
    arrays = {key: array for key, array in arrays.items() if not key.startswith(f"{name}/")}
    tree, found = take_apart(value)
    description["values"][name]["tree"] = tree
    return pack(description, arrays | {f"{name}/{at}": array for at, array in enumerate(found)})
