"""Calls of whole layers' kernels, and what they give beside float64, for the tests of these kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from strided_views import Array, fast, read, uploaded

FEW = st.sampled_from([1, 2, 3, 5, 9])
ROWS = st.sampled_from([1, 2, 7, 16, 17, 33, 70])
COLUMNS = st.sampled_from([1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 65, 130])
seeds = st.integers(0, 1000)

Exact = np.ndarray[Any, np.dtype[np.float64]]


def numbers(seed: int, *shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def call(name: str, sizes: tuple[int, ...], *arguments: Any) -> tuple[Any, ...]:
    """Call a kernel with arrays, which are uploaded, handles, and numbers."""
    given = [uploaded(one) if isinstance(one, np.ndarray) else one for one in arguments]
    made: tuple[Any, ...] = getattr(fast, name)(sizes, *given)
    return made


def close(handle: Any, exact: Exact, tolerance: float = 1e-5) -> None:
    found = read(handle, exact.shape)
    size = max(1.0, float(np.abs(exact).max(initial=0)))
    np.testing.assert_allclose(found, exact, rtol=tolerance, atol=tolerance * size)


def check_slopes(
    f: Callable[..., Exact], inputs: list[Array], weights: list[Exact], found: list[Any]
) -> None:
    """Compare gradients of a weighted sum of f's outputs with its slope in a direction for each input.

    f returns one array that holds all outputs, one behind the other.
    """
    exact = [one.astype("float64") for one in inputs]
    weight = np.concatenate([one.ravel() for one in weights])
    rng, step = np.random.default_rng(9), 1e-5
    for at, (value, handle) in enumerate(zip(exact, found, strict=True)):
        direction = rng.normal(size=value.shape)
        moved = [[*exact[:at], value + sign * step * direction, *exact[at + 1 :]] for sign in (1, -1)]
        slope = weight @ (f(*moved[0]) - f(*moved[1])) / (2 * step)
        gradient = read(handle, value.shape).astype("float64")
        size = np.abs(gradient * direction).sum() + 1
        np.testing.assert_allclose((gradient * direction).sum(), slope, atol=2e-5 * size)
