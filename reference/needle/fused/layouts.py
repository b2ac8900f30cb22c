"""Ops that leave the layout of their operands as it is: images with channels last stay so, unmoved.

Where all operands fill a piece of memory in one order, whatever it is, elements can be taken in that order.
"""

import math
from functools import lru_cache
from typing import Any

from needle.autograd import NDArray, Tensor
from needle.fused.dispatch import fused
from needle.ops.arithmetic import EWiseAdd
from needle.ops.mathematic import ReLU

Shape = tuple[int, ...]


@lru_cache(maxsize=4096)
def _lie_alike(shape: Shape, a_strides: Shape, b_strides: Shape) -> bool:
    """Say whether two arrays of a shape fill a piece of memory each, in one order."""
    lengths = zip(a_strides, b_strides, shape, strict=True)
    steps = sorted((a, b, length) for a, b, length in lengths if length != 1)
    size = 1
    for a, b, length in steps:
        if (a, b) != (size, size):
            return False
        size *= length
    return True


@lru_cache(maxsize=4096)
def _size_if_compact(shape: Shape, strides: Shape) -> int:
    """Return how many elements an array has that lies row by row; of any other -1."""
    return math.prod(shape) if _lie_alike(shape, strides, NDArray.compact_strides(shape)) else -1


def memory_of(a: NDArray) -> Any:
    """Return the memory of an array that fills it row by row; of any other, that of a copy."""
    if a._offset == 0 and a._handle.size == _size_if_compact(a._shape, a._strides):
        return a._handle
    return a.copy()._handle


def channels_last(x: NDArray) -> NDArray:
    """Return a view of images (N, C, H, W) as (N, H, W, C)."""
    (n, c, h, w), (n_step, c_step, h_step, w_step) = x._shape, x._strides
    return NDArray.make((n, h, w, c), (n_step, h_step, w_step, c_step), x._device, x._handle, x._offset)


def channels_first(x: NDArray) -> NDArray:
    """Return a view of images (N, H, W, C) as (N, C, H, W)."""
    (n, h, w, c), (n_step, h_step, w_step, c_step) = x._shape, x._strides
    return NDArray.make((n, c, h, w), (n_step, c_step, h_step, w_step), x._device, x._handle, x._offset)


def _like(a: NDArray, handle: Any) -> NDArray:
    return NDArray.make(a._shape, a._strides, a._device, handle)


@fused(EWiseAdd, "compute", kernel="ewise_add", second_order=True)
def _add(kernels: Any, op: EWiseAdd, a: NDArray, b: NDArray) -> Any:
    if a._device is not b._device or not _lie_alike(a._shape, a._strides, b._strides):
        return NotImplemented
    size = (math.prod(a._shape),)
    return _like(a, kernels.ewise_add(a._handle, (1,), a._offset, b._handle, (1,), b._offset, size))


@fused(ReLU, "compute", kernel="scalar_maximum", second_order=True)
def _relu(kernels: Any, op: ReLU, a: NDArray) -> Any:
    if not _lie_alike(a._shape, a._strides, a._strides):
        return NotImplemented
    return _like(a, kernels.scalar_maximum(a._handle, (math.prod(a._shape),), (1,), a._offset, 0))


@fused(ReLU, "gradient", kernel="ewise_mul")
def _relu_gradient(kernels: Any, op: ReLU, out_grad: Tensor, node: Tensor) -> Any:
    g, a = out_grad.realize_cached_data(), node.inputs[0].realize_cached_data()
    if not _lie_alike(a._shape, g._strides, a._strides):
        return NotImplemented
    size = (math.prod(a._shape),)
    positive = kernels.scalar_gt(a._handle, size, (1,), a._offset, 0)
    masked = kernels.ewise_mul(g._handle, (1,), g._offset, positive, (1,), 0, size)
    return Tensor.make_const(_like(a, masked))
