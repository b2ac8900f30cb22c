"""Graded cases: functions of a seed whose values a server compares with the reference's."""

import importlib.util
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import CaseError, ForeignModule
from grader.grading.draws import Draws
from grader.grading.figures import FIGURES
from grader.grading.values import Array, Node, take_apart
from grader.grading.verdicts import Rules

RTOL, ATOL, SEEDS = 1e-4, 1e-6, 512


@dataclass(frozen=True)
class Case:
    """One case of a question.

    With a `figure`, the function returns predictions, and the server computes the figure from them and from
    labels that it keeps; the case passes when the figure lies within the bound.
    """

    function: Callable[[np.random.Generator], Any]
    rtol: float = RTOL
    atol: float = ATOL
    seeds: int = SEEDS
    figure: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def name(self) -> str:
        return self.function.__name__

    def rules(self) -> Rules:
        """Return what a server needs to know to judge this case."""
        fields = ("rtol", "atol", "figure", "at_most", "at_least")
        return {name: getattr(self, name) for name in fields}


@dataclass
class Outcome:
    """What came of one case on one seed."""

    tree: Node = field(default_factory=dict)
    arrays: list[Array] = field(default_factory=list)
    raised: str = ""  # the error's type, when the case raised
    message: str = ""  # its text and place: for the student's eyes, never sent
    inputs: str = ""  # the digest of what was drawn
    devices: list[str] = field(default_factory=list)  # what the question's cases so far were computed on
    drawn: list[Array] = field(default_factory=list)  # the draws themselves, for the checks before publishing
    error: Exception | None = None  # the error itself, in the process in which it was raised


def case(
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    seeds: int = SEEDS,
    figure: str = "",
    at_most: float | None = None,
    at_least: float | None = None,
) -> Callable[[Callable[[np.random.Generator], Any]], Case]:
    """Mark a function of a random generator as a graded case.

    Equal means |a - e| <= atol + rtol * max|e| over each array, with the same dtype and shape.
    Raises: CaseError for a tolerance, a count of seeds or a figure that no case can have.
    """
    bounds = [bound for bound in (at_most, at_least) if bound is not None]
    if bool(figure) != bool(bounds) or (figure and figure not in FIGURES):
        known = ", ".join(FIGURES)
        raise CaseError(
            f"case: figure={figure!r}. Expected one of {known}, with at_most or at_least, or none of them."
        )
    if not all(math.isfinite(bound) for bound in bounds) or (len(bounds) == 2 and bounds[0] < bounds[1]):
        raise CaseError(
            f"case: at_most={at_most}, at_least={at_least}. Expected bounds that a figure can meet."
        )
    if not (0 <= rtol < math.inf and 0 <= atol < math.inf and seeds >= 1):
        said = f"rtol={rtol}, atol={atol}, seeds={seeds}"
        raise CaseError(f"case: {said}. Expected tolerances of at least 0 and at least 1 seed.")
    return lambda function: Case(function, rtol, atol, seeds, figure, at_most, at_least)


def load_cases(path: Path) -> dict[str, Case]:
    """Import a file of cases and return them by name, in the order of the file."""
    spec = importlib.util.spec_from_file_location(f"cases_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {found.name: found for found in vars(module).values() if isinstance(found, Case)}


def run_case(case: Case, seed: int) -> Outcome:
    """Run a case on a seed and return its value, or the error that it raised."""
    rng = Draws(seed)
    outcome = Outcome()
    try:
        with _seeded(seed), np.errstate(all="ignore"):
            # a lazy tensor computes, and may draw, only when it is taken apart
            outcome.tree, outcome.arrays = take_apart(case.function(rng), case.name)
    except ForeignModule:
        raise
    except Exception as error:
        outcome.raised, outcome.message, outcome.error = type(error).__name__, str(error), error
    outcome.inputs, outcome.drawn = rng.digest(), rng.drawn
    return outcome


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed NumPy's global generator, which the library under test draws from, and restore it after."""
    before = np.random.get_state()
    np.random.seed(np.random.SeedSequence(seed).generate_state(4))
    try:
        yield
    finally:
        np.random.set_state(before)
