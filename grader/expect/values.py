"""Take numbers out of what a function was given and returned, remember them, and compare them."""

import copy
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RTOL, ATOL = 1e-4, 1e-6  # close means |a - e| <= ATOL + rtol * max|e|, as on submission


def is_tensor(value: Any) -> bool:
    """Tell whether a value holds an array that its `numpy()` returns."""
    return hasattr(value, "numpy") and not isinstance(value, type)


def as_array(value: Any) -> Array:
    """Return a number, array, tensor or nested list of numbers as an array.

    Raises: TypeError or ValueError for anything else.
    """
    found = np.asarray(value.numpy() if is_tensor(value) else value)
    if found.dtype.kind not in "biuf":
        raise TypeError(found.dtype)
    return found


def items_of(value: Any) -> tuple[Any, ...] | None:
    """Return the items of a tuple, list or tuple of tensors; None for anything else."""
    if isinstance(value, (tuple, list)):
        return tuple(value)
    return tuple(value.tuple()) if hasattr(value, "tuple") else None


def snapshot(value: Any) -> Any:
    """Return the numbers in a value as they are now, which no later change reaches."""
    if isinstance(value, dict):
        return {key: snapshot(item) for key, item in value.items()}
    items = items_of(value)
    if items is not None:
        return [snapshot(item) for item in items]
    if is_tensor(value):
        return np.array(value.numpy())
    return copy.deepcopy(value) if isinstance(value, np.ndarray) else value


def same(before: Any, after: Any) -> bool:
    """Tell whether two snapshots hold the same numbers, of the same shapes."""
    if isinstance(before, np.ndarray):
        return bool(np.array_equal(before, after, equal_nan=before.dtype.kind == "f"))
    if isinstance(before, list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[key], after[key]) for key in before)
    return bool(before == after)


def worst_difference(found: Array, expected: Array, rtol: float) -> tuple[int, ...] | None:
    """Return the index of the element that is furthest off; None if all are close."""
    a, e = found.astype(np.float64), expected.astype(np.float64)
    with np.errstate(invalid="ignore"):
        distance = np.where(a == e, 0.0, np.nan_to_num(np.abs(a - e), nan=np.inf))
    allowed = ATOL + rtol * np.max(np.abs(e[np.isfinite(e)]), initial=0.0)
    if np.all(distance <= allowed):
        return None
    return tuple(int(index) for index in np.unravel_index(np.argmax(distance), a.shape))
