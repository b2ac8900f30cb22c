"""Measure slopes: move each number a little both ways and see how the outcome moves."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.expect.values import Array, as_array


def central_differences(
    function: Callable[..., Any],
    *arrays: Any,
    out_grad: Any,
    wrap: Callable[[Array], Any] = np.array,
) -> list[Array]:
    """Return for each array the gradient of sum(out_grad * function(*arrays)), measured in float64.

    The function gets what `wrap` makes of float64 arrays, and returns an array, a tensor or nested lists.
    """
    points = [as_array(array).astype(np.float64) for array in arrays]
    weights = as_array(out_grad).astype(np.float64)

    def outcome() -> tuple[Array, float]:
        found = as_array(function(*[wrap(point.copy()) for point in points]))
        return found.astype(np.float64), float(np.finfo(found.dtype).eps) if found.dtype.kind == "f" else 0.0

    precision = max(outcome()[1], float(np.finfo(np.float64).eps))  # a float32 outcome needs longer steps
    return [_slopes(point, lambda: outcome()[0], weights, precision) for point in points]


def _slopes(point: Array, outcome: Callable[[], Array], weights: Array, precision: float) -> Array:
    slopes = np.zeros_like(point)
    for at in np.ndindex(point.shape):
        here = float(point[at])
        step = np.cbrt(precision) * max(1.0, abs(here))
        point[at] = up = here + step
        higher = outcome()
        point[at] = down = here - step
        lower = outcome()
        point[at] = here
        slopes[at] = np.sum(weights * (higher - lower)) / (up - down)
    return slopes
