"""NumPy's indexing of an NDArray, whose own keeps every axis: what GetItem and PutItem compute with."""

from typing import Any

import numpy as np

from needle.backend_ndarray.functions import zeros
from needle.backend_ndarray.ndarray import NDArray, Shape


def get_item(a: NDArray, index: Any) -> NDArray:
    """Return the elements that NumPy's a[index] has: a view, or a copy where an array of integers chooses."""
    parts = index if isinstance(index, tuple) else (index,)
    if not all(map(_is_basic, parts)):
        return NDArray(a.numpy()[index], device=a.device)
    named = tuple([part for part in parts if part is not None])
    view = a[named]
    if Ellipsis not in named:
        parts = (*parts, Ellipsis)
    shape, strides, axis = [], [], 0
    for part in parts:
        if part is None:
            shape.append(1)
            strides.append(0)
            continue
        count = view.ndim - len(named) + (Ellipsis in named) if part is Ellipsis else 1
        if part is Ellipsis or isinstance(part, slice):
            shape += view.shape[axis : axis + count]
            strides += view.strides[axis : axis + count]
        axis += count
    return NDArray.make(tuple(shape), tuple(strides), view.device, view._handle, view._offset)


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
    if part is None or part is Ellipsis or isinstance(part, slice):
        return True
    return isinstance(part, (int, np.integer)) and not isinstance(part, bool)
