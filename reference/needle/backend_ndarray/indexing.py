"""NumPy's indexing of an NDArray, whose own keeps every axis: what GetItem and PutItem compute with."""

from typing import Any

import numpy as np

from needle.backend_ndarray.functions import zeros
from needle.backend_ndarray.ndarray import NDArray, Shape


def get_item(a: NDArray, index: Any) -> NDArray:
    """Return the elements that NumPy's a[index] has: a view, or a copy where an array of integers chooses."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if not all(_is_basic(part) for part in parts):
        return NDArray(a.numpy()[index], device=a.device)
    if Ellipsis not in parts:
        parts.append(Ellipsis)
    at = parts.index(Ellipsis)
    parts[at : at + 1] = [slice(None)] * (a.ndim + 1 - sum(part is not None for part in parts))
    view = a[tuple(part for part in parts if part is not None)]
    axes = iter(zip(view.shape, view.strides, strict=True))
    steps = [(1, 0, True) if part is None else (*next(axes), isinstance(part, slice)) for part in parts]
    kept = [(length, stride) for length, stride, stays in steps if stays]
    return view.as_strided(tuple(length for length, _ in kept), tuple(stride for _, stride in kept))


def put_item(a: NDArray, index: Any, shape: Shape) -> NDArray:
    """Return zeros of a shape with the elements of `a` added where an index points to."""
    parts = index if isinstance(index, tuple) else (index,)
    if all(_is_basic(part) for part in parts):  # it points to no element twice
        out = zeros(shape, device=a.device)
        get_item(out, index)[...] = a
        return out
    total = np.zeros(shape, dtype="float32")
    np.add.at(total, index, a.numpy())
    return NDArray(total, device=a.device)


def _is_basic(part: Any) -> bool:
    whole = isinstance(part, (int, np.integer)) and not isinstance(part, bool)
    return whole or part is None or part is Ellipsis or isinstance(part, slice)
