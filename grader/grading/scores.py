"""Points: the same arithmetic for the local estimate and for the score on the server."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from grader.course.assignment import Question

A = TypeVar("A")


@dataclass(frozen=True)
class Tally:
    """How many of a question's tests or cases passed."""

    passed: int
    total: int

    @property
    def fraction(self) -> float:
        return self.passed / self.total if self.total else 0.0

    @property
    def full(self) -> bool:
        return self.total > 0 and self.passed == self.total


def _fraction(tally: Any) -> float:
    return float(tally.fraction)


def worth(days_late: int, slip_days: int, penalty_per_day: float) -> float:
    """Return what fraction of its points late work keeps, when slip days cover some of its days."""
    return max(0.0, 1.0 - penalty_per_day * max(0, days_late - slip_days))


def points(question: Question, tally: Tally | None, kept: float = 1.0) -> float:
    """Return a question's points x passed / total x what lateness keeps of them, to two decimals."""
    return round(question.points * (tally.fraction * kept), 2) if tally else 0.0


def counting(
    attempts: Sequence[A], rule: Literal["best", "last"], value: Callable[[A], float] = _fraction
) -> A | None:
    """Return which of a question's attempts counts; they come oldest first."""
    if not attempts:
        return None
    return attempts[-1] if rule == "last" else max(attempts, key=value)


def assignment_score(
    questions: Iterable[Question], tallies: Mapping[str, Tally], kept: Mapping[str, float] | None = None
) -> float:
    """Return the sum of the questions' points, to two decimals, of at most 100.

    `kept` is what lateness keeps of a question's points; all of them where it says nothing.
    """
    share = kept or {}
    return round(sum(points(one, tallies.get(one.id), share.get(one.id, 1.0)) for one in questions), 2)


def dropped(scores: Mapping[str, float], weights: Mapping[str, float], count: int) -> list[str]:
    """Return the assignments with the lowest scores: so many of those that weigh anything, but never all.

    Of equal scores the heavier goes first, then the later one.
    """
    counted = [name for name, weight in weights.items() if weight]
    counted.reverse()
    lowest = sorted(counted, key=lambda name: (scores.get(name, 0.0), -weights[name]))
    return lowest[: max(0, min(count, len(counted) - 1))]


def average(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted average of scores out of 100; an assignment without a score counts as 0."""
    total = math.fsum(weights.values())
    earned = math.fsum(scores.get(name, 0.0) * weight for name, weight in weights.items())
    return round(earned / total, 2) if total else 0.0


def reaches(average: float, threshold: float) -> bool:
    """Tell whether an average out of 100 reaches a threshold, which is a fraction; both to two decimals."""
    return average >= round(100 * threshold, 2)


def waiting_for(question: Question, tallies: Mapping[str, Tally]) -> list[str]:
    """Return which of the questions that this one requires don't pass in full."""
    missing = Tally(0, 0)
    return [need for need in question.requires if not tallies.get(need, missing).full]
