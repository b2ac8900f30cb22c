"""Give Tensor its operators and methods: each is an op, which `autograd` does not know.

A number on either side stays a number: it takes no part in differentiation.
"""

import math
from collections.abc import Sequence
from typing import Any

from needle import ops
from needle.autograd import Tensor, TensorTuple


def _add(self: Tensor, other: Any) -> Tensor:
    return ops.add(self, other) if isinstance(other, Tensor) else ops.add_scalar(self, other)


def _subtract(self: Tensor, other: Any) -> Tensor:
    return ops.add(self, ops.negate(other)) if isinstance(other, Tensor) else ops.add_scalar(self, -other)


def _subtract_from(self: Tensor, other: Any) -> Tensor:
    return ops.add_scalar(ops.negate(self), other)


def _multiply(self: Tensor, other: Any) -> Tensor:
    return ops.multiply(self, other) if isinstance(other, Tensor) else ops.mul_scalar(self, other)


def _divide(self: Tensor, other: Any) -> Tensor:
    return ops.divide(self, other) if isinstance(other, Tensor) else ops.divide_scalar(self, other)


def _divide_into(self: Tensor, other: Any) -> Tensor:
    return ops.mul_scalar(ops.power_scalar(self, -1), other)


def _power(self: Tensor, other: Any) -> Tensor:
    return ops.power(self, other) if isinstance(other, Tensor) else ops.power_scalar(self, other)


def _mean(self: Tensor, axes: int | Sequence[int] | None = None) -> Tensor:
    """Return the mean over some axes, over all of them by default."""
    total = ops.summation(self, axes)
    return ops.divide_scalar(total, math.prod(self.shape) / max(math.prod(total.shape), 1))


Tensor.__array_ufunc__ = None  # else array + Tensor would be an array of Tensors, made by NumPy
Tensor.__add__ = Tensor.__radd__ = _add
Tensor.__sub__ = _subtract
Tensor.__rsub__ = _subtract_from
Tensor.__mul__ = Tensor.__rmul__ = _multiply
Tensor.__truediv__ = _divide
Tensor.__rtruediv__ = _divide_into
Tensor.__pow__ = _power
Tensor.__neg__ = ops.negate
Tensor.__matmul__ = Tensor.matmul = ops.matmul
Tensor.sum = ops.summation
Tensor.mean = _mean
Tensor.exp = ops.exp
Tensor.log = ops.log
Tensor.reshape = ops.reshape
Tensor.broadcast_to = ops.broadcast_to
Tensor.transpose = ops.transpose
TensorTuple.__getitem__ = ops.tuple_get_item
TensorTuple.__add__ = ops.add_tuples
