"""Points: the same arithmetic for the local estimate and for the score on the server."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.course.assignment import Question


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


def points(question: Question, tally: Tally | None) -> float:
    """Return a question's points x passed / total, to two decimals; 0 where nothing was run."""
    return round(question.points * tally.fraction, 2) if tally else 0.0


def counting(attempts: Sequence[Tally], rule: Literal["best", "last"]) -> Tally | None:
    """Return which of a question's attempts counts; they come oldest first."""
    if not attempts:
        return None
    return attempts[-1] if rule == "last" else max(attempts, key=lambda tally: tally.fraction)


def assignment_score(questions: Iterable[Question], tallies: Mapping[str, Tally]) -> float:
    """Return the sum of the questions' points, to two decimals, of at most 100."""
    return round(sum(points(question, tallies.get(question.id)) for question in questions), 2)


def average(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted average of scores out of 100; an assignment without a score counts as 0."""
    total = math.fsum(weights.values())
    earned = math.fsum(scores.get(name, 0.0) * weight for name, weight in weights.items())
    return round(earned / total, 2) if total else 0.0


def waiting_for(question: Question, tallies: Mapping[str, Tally]) -> list[str]:
    """Return which of the questions that this one requires don't pass in full."""
    missing = Tally(0, 0)
    return [need for need in question.requires if not tallies.get(need, missing).full]
