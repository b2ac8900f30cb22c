"""Ops that take some elements of a tensor: indexing, and the largest along axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from needle.autograd import NDArray, Tensor, TensorOp, array_api
from needle.ops.mathematic import broadcast_to, divide, reshape, summation
from needle.ops.shapes import Shape, normalize_axes, refuse

if array_api is np:

    def _get(a: NDArray, index: Any) -> NDArray:
        return a[index]

    def _put(a: NDArray, index: Any, shape: Shape) -> NDArray:
        out = np.zeros(shape, dtype=a.dtype)
        np.add.at(out, index, a)
        return out

else:
    from needle.backend_ndarray.indexing import get_item as _get
    from needle.backend_ndarray.indexing import put_item as _put


class GetItem(TensorOp):
    """Take elements by NumPy's indexing: integers, slices, arrays of integers."""

    def __init__(self, index: Any) -> None:
        self.index = index

    def compute(self, a: NDArray) -> NDArray:
        return _get(a, self.index)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return PutItem(self.index, node.inputs[0].shape)(out_grad)


def get_item(a: Tensor, index: Any) -> Tensor:
    return GetItem(index)(a)


class PutItem(TensorOp):
    """Put elements where an index points to, into zeros; what meets in one place is added up."""

    def __init__(self, index: Any, shape: Shape) -> None:
        self.index = index
        self.shape = shape

    def compute(self, a: NDArray) -> NDArray:
        return _put(a, self.index, self.shape)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return get_item(out_grad, self.index)


class Max(TensorOp):
    """Take the largest element over some axes, which are gone afterwards; over all of them by default.

    Where several are largest, they share the gradient equally.
    """

    def __init__(self, axes: int | Sequence[int] | None = None) -> None:
        self.axes = axes

    def check_shapes(self, a: Shape) -> None:
        if 0 in [a[axis] for axis in normalize_axes("Max", self.axes, len(a))]:
            refuse("Max", f"a is {a}", "an element at least along the axes", "Leave empty ones out")

    def compute(self, a: NDArray) -> NDArray:
        return array_api.max(a, axis=normalize_axes("Max", self.axes, a.ndim))

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        a = node.inputs[0]
        gone = normalize_axes("Max", self.axes, len(a.shape))
        kept = tuple(1 if axis in gone else size for axis, size in enumerate(a.shape))
        largest = array_api.reshape(node.realize_cached_data(), kept)
        mask = Tensor((a.realize_cached_data() == largest), dtype=a.dtype, requires_grad=False)
        share = divide(mask, broadcast_to(reshape(summation(mask, gone), kept), a.shape))
        return broadcast_to(reshape(out_grad, kept), a.shape) * share


def maximum_over(a: Tensor, axes: int | Sequence[int] | None = None) -> Tensor:
    """Return the largest elements over some axes: what `Tensor.max` calls."""
    return Max(axes)(a)


Tensor.__getitem__ = get_item  # here and not in `operators`, which students have before this file
Tensor.max = maximum_over
