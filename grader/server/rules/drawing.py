"""Which seeds a person gets, how often, and how much may be sent back. Pure functions."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from grader.errors import GraderError

HOUR = timedelta(hours=1)
_FIXED_BYTES = 2 * 1024 * 1024  # for sources and the header


class PoolEmpty(GraderError):
    """A person has had every seed of a case."""

    def __init__(self, case_id: int):
        super().__init__(f"case {case_id}: no seed is left.")
        self.case_id = case_id


def draw(pools: Mapping[int, Sequence[int]], used: Mapping[int, Collection[int]]) -> dict[int, int]:
    """Return for each case a seed that this person has not had. Raises: PoolEmpty."""
    return {case_id: _fresh(case_id, pool, used.get(case_id, ())) for case_id, pool in pools.items()}


def _fresh(case_id: int, pool: Sequence[int], had: Collection[int]) -> int:
    if len(pool) > 2 * len(had):  # guesses are mostly right, and cheaper than a look at every seed
        while (seed := secrets.choice(pool)) in had:
            pass
        return seed
    fresh = [seed for seed in pool if seed not in had]
    if not fresh:
        raise PoolEmpty(case_id)
    return secrets.choice(fresh)


def wait_before_draw(earlier: Iterable[datetime], per_hour: int, now: datetime) -> timedelta | None:
    """Return how long a person must wait for the next draw; None when it is free now."""
    recent = sorted(moment for moment in earlier if moment > now - HOUR)
    return recent[-per_hour] + HOUR - now if len(recent) >= per_hour else None


def waits_of_questions(
    earlier: Iterable[tuple[datetime, Collection[str]]],
    questions: Iterable[str],
    per_hour: int,
    now: datetime,
) -> dict[str, timedelta]:
    """Return how long a person must wait for each question that they drew too often."""
    drawn = list(earlier)
    waits = {}
    for name in questions:
        wait = wait_before_draw((at for at, names in drawn if name in names), per_hour, now)
        if wait is not None:
            waits[name] = wait
    return waits


def limit_bytes(expected_sizes: Iterable[int]) -> int:
    """Return how large an answer may be: room for arrays of a wider dtype, the sources and the header."""
    return 4 * sum(expected_sizes) + _FIXED_BYTES


def chance_of_shared_seed(pool: int, people: int) -> float:
    """Return the chance that some two of the people get the same seed of a case in their first draw."""
    if people > pool:
        return 1.0
    distinct = 1.0
    for at in range(people):
        distinct *= (pool - at) / pool
    return 1.0 - distinct
