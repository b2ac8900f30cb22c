"""The CPU backend keeps arrays' memory for the next ones, within its limit, and gives it back when asked."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import ndarray_backend_cpu as backend
import numpy as np
import pytest

fast = backend.fast
MIB = 1 << 20

keeps = pytest.mark.skipif(fast.kept_limit() == 0, reason="a build for AddressSanitizer keeps nothing")


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    fast.empty_cache()
    yield
    fast.empty_cache()


@keeps
def test_memory_given_back_is_the_next_arrays_of_its_size() -> None:
    for size in (1, 1000, 1_000_000):
        first = backend.Array(size)
        place = first.ptr()
        del first
        assert backend.Array(size).ptr() == place


@keeps
def test_memory_is_allocated_while_an_array_lives_and_kept_after() -> None:
    before = fast.allocated_bytes()
    array = backend.Array(MIB)
    assert fast.allocated_bytes() == before + 4 * MIB
    assert fast.kept_bytes() == 0
    del array
    assert fast.allocated_bytes() == before
    assert fast.kept_bytes() == 4 * MIB


@keeps
def test_empty_cache_gives_back_what_is_kept() -> None:
    arrays = [backend.Array(10_000) for _ in range(3)]
    del arrays
    assert fast.kept_bytes() > 0
    fast.empty_cache()
    assert fast.kept_bytes() == 0


def test_no_more_is_kept_than_the_limit() -> None:
    size = 64 * MIB
    count = fast.kept_limit() // size + 2
    arrays = [backend.Array(size // 4) for _ in range(count)]  # never written, so no page is taken
    del arrays
    assert fast.kept_bytes() <= fast.kept_limit()


def test_a_block_is_at_most_a_quarter_larger_than_what_was_asked_for() -> None:
    for size in [*range(65, 3000, 7), 65_537, 1_000_003, 5_000_011]:
        before = fast.allocated_bytes()
        array = backend.Array(size)
        block = fast.allocated_bytes() - before
        del array
        assert 4 * size <= block <= max(1.25 * 4 * size, 4 * size + 256)


def test_every_array_begins_where_256_divides_the_address_and_overlaps_no_other() -> None:
    rng = np.random.default_rng(0)
    arrays = [backend.Array(int(size)) for size in rng.integers(0, 3000, 500)]
    spans = sorted((array.ptr(), array.ptr() + 4 * array.size) for array in arrays)
    assert all(begin % 256 == 0 for begin, _ in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


@pytest.mark.parametrize("size", [2**44, 2**60, 2**62 - 1, 2**63])
def test_an_array_too_large_is_a_memory_error_that_leaves_everything_as_it_was(size: int) -> None:
    before = fast.allocated_bytes()
    with pytest.raises(MemoryError, match=r"no memory for \d+ bytes"):
        backend.Array(size)
    assert fast.allocated_bytes() == before


def test_threads_that_take_and_give_back_leave_nothing_behind() -> None:
    before = fast.allocated_bytes()

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        arrays = []
        for size in rng.integers(1, 100_000, 300):
            arrays.append(backend.Array(int(size)))
            if rng.random() < 0.6:
                del arrays[rng.integers(0, len(arrays))]

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert fast.allocated_bytes() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_allocates_on() -> None:
    program = """
import os, sys, threading
import ndarray_backend_cpu as backend
ends = []
def work():
    while not ends:
        backend.Array(5000)
worker = threading.Thread(target=work)
worker.start()
codes = []
for _ in range(20):
    child = os.fork()
    if not child:
        backend.Array(5000), backend.Array(7)
        os._exit(0)
    codes.append(os.waitpid(child, 0)[1])
ends.append(True)
worker.join()
sys.exit(any(codes))
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", program]
    assert subprocess.run(command, env=environment, timeout=60, check=False).returncode == 0
