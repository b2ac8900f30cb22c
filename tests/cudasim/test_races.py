"""A race is found if and only if two accesses conflict that nothing orders, whatever order threads run in."""

import ctypes
from itertools import combinations
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

READ, WRITE, ATOMIC, BLOCK_BARRIER, WARP_BARRIER = range(5)


class Step(NamedTuple):
    kind: int
    block: int = 0
    thread: int = 0
    element: int = 0

    @property
    def is_access(self) -> bool:
        return self.kind < BLOCK_BARRIER


def conflict(a: Step, b: Step) -> bool:
    """Say whether two accesses by different threads touch one element, so that their order matters."""
    if a.element != b.element or (a.block, a.thread) == (b.block, b.thread):
        return False
    return WRITE in (a.kind, b.kind) or {a.kind, b.kind} == {READ, ATOMIC}


def ordered(a: Step, b: Step, between: list[Step]) -> bool:
    """Say whether a barrier lies between two accesses: the block's, or their warp's."""
    kinds = {step.kind for step in between}
    if a.block != b.block:
        return False
    return BLOCK_BARRIER in kinds or (WARP_BARRIER in kinds and a.thread // 32 == b.thread // 32)


def races(steps: list[Step]) -> bool:
    pairs = combinations(enumerate(steps), 2)
    return any(
        a.is_access and b.is_access and conflict(a, b) and not ordered(a, b, steps[i:j])
        for (i, a), (j, b) in pairs
    )


def found(library: ctypes.CDLL, steps: list[Step], *, shared: bool) -> int:
    flat = [number for step in steps for number in step]
    return int(library.run_script((ctypes.c_int * len(flat))(*flat), len(steps), int(shared)))


threads = st.sampled_from([0, 1, 2, 33, 34])
accesses = st.builds(Step, st.integers(READ, ATOMIC), st.just(0), threads, st.integers(0, 1))
barriers = st.sampled_from([Step(BLOCK_BARRIER), Step(WARP_BARRIER)])
scripts = st.lists(st.one_of(accesses, accesses, barriers), min_size=2, max_size=8)
drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)


@drawn
@given(steps=scripts)
@example(steps=[Step(WRITE, thread=0), Step(WARP_BARRIER), Step(ATOMIC, thread=0), Step(ATOMIC, thread=1)])
@example(steps=[Step(WRITE, thread=0), Step(ATOMIC, thread=0), Step(ATOMIC, thread=1)])
@example(steps=[Step(READ, thread=1), Step(WARP_BARRIER), Step(READ, thread=1), Step(WRITE, thread=2)])
def test_a_race_in_shared_memory_is_found_exactly_where_nothing_orders_accesses(
    library: Any, steps: list[Step]
) -> None:
    assert found(library, steps, shared=True) == races(steps)


anywhere = st.builds(Step, st.integers(READ, ATOMIC), st.integers(0, 1), threads, st.integers(0, 1))


@drawn
@given(steps=st.lists(st.one_of(anywhere, anywhere, anywhere, barriers), min_size=2, max_size=6))
def test_a_race_in_global_memory_is_found_within_blocks_and_between_them(
    library: Any, steps: list[Step]
) -> None:
    assert found(library, steps, shared=False) == races(steps)
