"""Functions on NDArrays under NumPy's names, and with NumPy's results: what an op may use on either."""

import operator
from typing import Any

import numpy as np

from needle.backend_ndarray import arithmetic
from needle.backend_ndarray.devices import BackendDevice, default_device, require_float32
from needle.backend_ndarray.ndarray import NDArray, Shape
from needle.backend_ndarray.reductions import Axes, reduced
from needle.errors import ShapeError


def array(a: Any, dtype: Any = "float32", device: BackendDevice | None = None) -> NDArray:
    """Return a copy of an array-like."""
    require_float32(dtype)
    if isinstance(a, NDArray):
        return a.copy() if device in (None, a.device) else a.to(device)
    return NDArray(a, device=device)


def empty(shape: Shape, dtype: Any = "float32", device: BackendDevice | None = None) -> NDArray:
    return (device or default_device()).empty(shape, dtype)


def full(
    shape: Shape, fill_value: float, dtype: Any = "float32", device: BackendDevice | None = None
) -> NDArray:
    return (device or default_device()).full(shape, fill_value, dtype)


def zeros(shape: Shape, dtype: Any = "float32", device: BackendDevice | None = None) -> NDArray:
    return full(shape, 0.0, dtype, device)


def ones(shape: Shape, dtype: Any = "float32", device: BackendDevice | None = None) -> NDArray:
    return full(shape, 1.0, dtype, device)


def zeros_like(a: NDArray) -> NDArray:
    return zeros(a.shape, device=a.device)


def ones_like(a: NDArray) -> NDArray:
    return ones(a.shape, device=a.device)


def compact(a: NDArray) -> NDArray:
    return a.compact()


def reshape(a: NDArray, new_shape: int | Shape) -> NDArray:
    """Return the elements, in their row-major order, in another shape; a copy unless the array is compact."""
    return a.compact().reshape((new_shape,) if isinstance(new_shape, int) else tuple(new_shape))


def permute(a: NDArray, new_axes: Shape) -> NDArray:
    return a.permute(new_axes)


def transpose(a: NDArray, axes: Shape | None = None) -> NDArray:
    """Return the array with its axes in another order, by default in the reverse one."""
    if axes is None:
        return a.permute(tuple(reversed(range(a.ndim))))
    return a.permute(tuple(axis + a.ndim if axis < 0 else axis for axis in axes))


def swapaxes(a: NDArray, axis1: int, axis2: int) -> NDArray:
    """Return the array with two axes in each other's place."""
    order = list(range(a.ndim))
    if not all(-a.ndim <= axis < a.ndim for axis in (axis1, axis2)):
        raise ShapeError(f"swapaxes: axes {axis1} and {axis2} of {a.ndim}. Expected axes that there are.")
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return a.permute(tuple(order))


def expand_dims(a: NDArray, axis: int) -> NDArray:
    """Return the array with one more axis, of length 1: a view."""
    if not -a.ndim <= axis + (axis < 0) <= a.ndim:
        raise ShapeError(f"expand_dims: axis {axis} of {a.ndim + 1}. Expected one that there will be.")
    at = axis % (a.ndim + 1)
    return a.as_strided((*a.shape[:at], 1, *a.shape[at:]), (*a.strides[:at], 0, *a.strides[at:]))


def broadcast_to(a: NDArray, new_shape: int | Shape) -> NDArray:
    return a.broadcast_to((new_shape,) if isinstance(new_shape, int) else tuple(new_shape))


def sum(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    """Return sums over some axes; over all of them, of shape ()."""
    return reduced(a, "reduce_sum", axis, keepdims)


def max(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    """Return the largest elements over some axes; over all of them, of shape ()."""
    return reduced(a, "reduce_max", axis, keepdims)


def matmul(a: NDArray, b: NDArray) -> NDArray:
    return a @ b


def maximum(a: NDArray, b: Any) -> NDArray:
    return a.maximum(b) if isinstance(a, NDArray) else b.maximum(a)


def power(a: NDArray, b: Any) -> NDArray:
    return a**b


def where(condition: NDArray, a: Any, b: Any) -> NDArray:
    """Return a where the condition is not 0, and b elsewhere; each is an array or a number."""
    values = [one.numpy() if isinstance(one, NDArray) else one for one in (a, b)]
    chosen = np.where(condition.numpy() != 0, *values)
    return NDArray(chosen, device=condition.device)


def sign(a: NDArray) -> NDArray:
    return (a > 0) - (a < 0)


def negative(a: NDArray) -> NDArray:
    return -a


def sqrt(a: NDArray) -> NDArray:
    return arithmetic.sqrt(a)


def log(a: NDArray) -> NDArray:
    return a.log()


def exp(a: NDArray) -> NDArray:
    return a.exp()


def tanh(a: NDArray) -> NDArray:
    return a.tanh()


add, subtract, multiply, divide = operator.add, operator.sub, operator.mul, operator.truediv


def _transposed(self: NDArray, *axes: Any) -> NDArray:
    if not axes or axes == (None,):
        return transpose(self)
    return transpose(self, axes if isinstance(axes[0], int) else tuple(axes[0]))


def _as_type(self: NDArray, dtype: Any) -> NDArray:
    require_float32(dtype)
    return self.copy()


# methods of NumPy's arrays, for ops that were written for those
NDArray.transpose = _transposed
NDArray.T = property(transpose)
NDArray.swapaxes = swapaxes
NDArray.astype = _as_type
