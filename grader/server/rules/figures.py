"""What a class's results come to: histograms, shares over time, what goes wrong most. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Failure:
    """One way in which cases of a question went wrong, and how many people saw it."""

    question: str
    kind: str
    people: int


def histogram(scores: Iterable[float], width: int = 10) -> list[tuple[str, int]]:
    """Return how many scores out of 100 lie in each step; the last one holds 100 too."""
    counts = Counter(min(int(score // width), 100 // width - 1) for score in scores)
    return [(f"{low}-{low + width}", counts[low // width]) for low in range(0, 100, width)]


def share_over_time(
    moments: Iterable[datetime], of: int, since: datetime, until: datetime
) -> list[tuple[float, float]]:
    """Return the steps of a share that grows at each moment, over 0 to 1 of a time."""
    span = (until - since).total_seconds() or 1.0
    steps, reached = [(0.0, 0.0)], 0.0
    for count, moment in enumerate(sorted(moments), start=1):
        at = min(max((moment - since).total_seconds() / span, 0.0), 1.0)
        share = count / of if of else 0.0
        steps += [(at, reached), (at, share)]
        reached = share
    return [*steps, (1.0, reached)]


def thinned(points: Sequence[tuple[float, float]], most: int = 200) -> list[tuple[float, float]]:
    """Return at most so many points of a curve, its last one among them."""
    every = -(-len(points) // most)
    return [*points[::every], points[-1]] if every > 1 else list(points)


def commonest(seen: Iterable[tuple[int, str, str]], most: int = 12) -> list[Failure]:
    """Return the failures that most people saw; each is a person, a question and a verdict's kind."""
    counts = Counter((question, kind) for _, question, kind in set(seen))
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [Failure(question, kind, people) for (question, kind), people in ranked[:most]]


def median(values: Sequence[float]) -> float | None:
    """Return the middle value, or the mean of the middle two; None of nothing."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
