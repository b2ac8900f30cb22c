"""Correct programs give on the simulator what they give on a device, and raise no alarm."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Run = Callable[[str], Any]


def indices() -> Any:
    return (1000 * np.arange(12)[:, None] + np.arange(24)).ravel()


def transposed() -> Any:
    return np.arange(7 * 13).reshape(7, 13).T.ravel()


def reversed_and_rotated() -> Any:
    return np.concatenate([np.arange(48)[::-1], np.roll(np.arange(48), -1)])


def sums_of_a_tree() -> Any:
    """Block b adds up what its threads meet, 384 elements apart."""
    return [sum(i for i in range(1000) if i // 128 % 3 == block) for block in range(3)]


def shuffled() -> Any:
    lane = np.arange(32)
    up = np.where(lane < 2, lane, lane - 2)
    down = np.where(lane % 16 + 2 < 16, lane + 2, lane)
    columns = [lane * 0 + 5, lane // 8 * 8 + 3, up, down, lane ^ 1, 2 * (lane ^ 3) + 1]
    return np.stack(columns, axis=1).ravel()


def voted() -> Any:
    lane = np.arange(32)
    ballot = sum(1 << i for i in range(0, 32, 3))
    active = np.where(lane < 10, 0x3FF, 0xFFFFFC00)
    columns = [lane * 0 + ballot, lane * 0 + 2, lane * 0 + 2, active, np.where(lane < 10, 0x2AA, 0)]
    return np.stack(columns, axis=1).ravel()


def bins() -> Any:
    return np.bincount(np.arange(1001) % 8)


def changed_by_atomics() -> Any:
    i = np.arange(64)
    xor = int(np.bitwise_xor.reduce(i))
    ints = [i.sum(), -64, 63, -63, 255, 0, xor, 1, 100, 64 % 10, (0 - 64) % 10]
    return [*ints, 64 * 2.0**40, 32, 63 * 0.25, 8]


def product() -> Any:
    return (np.arange(210.0).reshape(10, 21) @ np.arange(21.0 * 13).reshape(21, 13)).ravel()


def sums_of_tiles() -> Any:
    return np.arange(64 * 5).reshape(5, 64)[:, ::-1].sum(0)


def exchanged() -> Any:
    """Each thread adds what its right neighbour in the warp wrote, thrice; then four lanes turn round."""
    sums = np.zeros(80)
    for first in (0, 32, 64):
        lanes = min(32, 80 - first)
        right = first + (np.arange(lanes) + 1) % lanes
        sums[first : first + lanes] = 30 * right + 3
        sums[first : first + 4] = sums[first : first + 4][::-1]
    return sums


def variables() -> Any:
    i = np.arange(8)
    return [*(np.array([10, 20, 30, 40])[i % 4] + np.array([4, 5, 6])[i % 3]), 18]


def structures() -> Any:
    """What is written as four numbers is written again as two: the first two of each."""
    rows = np.arange(32.0).reshape(8, 4)
    rows[:, 3] = 2 * (np.arange(8) % 6 + 1)
    rows[:, 0], rows[:, 1] = rows[:, 1].copy(), rows[:, 0] + 1
    return rows.ravel()


def bytes_and_shorts() -> Any:
    i = np.arange(77)
    return [*(i * 3 % 256), *(i * 3 % 256 - 100)]


def math_functions() -> Any:
    rows = []
    for thread in range(3):
        x = 0.25 + thread
        popc = bin(thread + 5).count("1") + 31 + 4
        sums = np.tanh(x) + np.exp(x) + x**2 + x
        rows += [np.exp(x), x**-0.5, 1 / x, max(x, 1), max(1, int(x)) + min(2.5, x), min(max(x - 0.5, 0), 1)]
        rows += [np.rint(x * 10), popc, x, sums, 2 * x + 1, 1]
    return rows


def launched() -> Any:
    a = np.arange(10.0)
    out = a + 0.5
    a[:5] = out[:5] + 100
    a += 4
    a[:3] += 2
    return a


def local_arrays() -> Any:
    fibonacci = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    return [fibonacci[i] + i * (i * 7 % 40) for i in range(12)]


EXPECTED: dict[str, Callable[[], Any]] = {
    "indices_in_three_dimensions": indices,
    "transpose_through_shared_memory": transposed,
    "dynamic_shared_memory": reversed_and_rotated,
    "reduction_in_a_tree": sums_of_a_tree,
    "reduction_with_shuffles": lambda: [sum(range(200))],
    "shuffles": shuffled,
    "votes": voted,
    "votes_of_a_block": lambda: [25, 2, 2] * 50,
    "histogram": bins,
    "atomics": changed_by_atomics,
    "matmul_in_tiles": product,
    "two_buffers": sums_of_tiles,
    "scan": lambda: np.cumsum(np.arange(100)),
    "grid_stride_and_early_return": lambda: 2 * np.arange(777) + 1,
    "warps_exchange_through_shared_memory": exchanged,
    "the_last_block_adds_up": lambda: [2 * sum(range(20))],
    "variables": variables,
    "structures": structures,
    "bytes_of_one_word_by_different_threads": bytes_and_shorts,
    "math": math_functions,
    "launches_of_every_kind": launched,
    "local_arrays_and_recursion": local_arrays,
    "streams_and_events": lambda: [*(2 * np.arange(64)), 1],
    "managed_and_registered_memory": lambda: [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, *range(1, 11)],
    "a_kernel_without_arguments": lambda: [0],
    "a_kernel_asks_for_shared_memory": lambda: [0, 1, 1],
    "device_properties": lambda: [1, 32, 1024, 48 * 1024, 1000],
    "more_memory_than_there_is": lambda: [2, 2, 1],
}


@pytest.mark.parametrize("program", EXPECTED)
def test_a_correct_program_gives_what_a_device_gives(run: Run, program: str) -> None:
    outcome = run(program)
    assert (outcome.fault, outcome.error) == ("", "")
    np.testing.assert_allclose(outcome.numbers, np.asarray(EXPECTED[program](), dtype=float), rtol=1e-6)


INVALID_CONFIGURATION, INVALID_VALUE = 9, 1


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("launch_of_too_many_threads", INVALID_CONFIGURATION),
        ("launch_of_no_threads", INVALID_CONFIGURATION),
        ("launch_of_a_deep_block", INVALID_CONFIGURATION),
        ("launch_of_no_blocks", INVALID_CONFIGURATION),
        ("launch_of_a_tall_grid", INVALID_CONFIGURATION),
        ("launch_of_a_deep_grid", INVALID_CONFIGURATION),
        ("launch_with_too_much_shared_memory", INVALID_VALUE),
        ("launch_at_all_limits", 0),
    ],
)
def test_a_launch_that_a_device_refuses_leaves_its_error_once(run: Run, program: str, error: int) -> None:
    assert run(program).numbers == [error, error, 0]
