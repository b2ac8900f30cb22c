"""Sums and products, of two tensors or of a tensor and a number: complete, as examples of what an op is."""

from typing import Any

from needle.autograd import NDArray, Tensor, TensorOp
from needle.errors import DTypeError
from needle.ops.shapes import Shape, require_same_shape


class EWiseOp(TensorOp):
    """An op on the elements of two tensors. It does not broadcast: its gradient would have to sum back."""

    def check_shapes(self, a: Shape, b: Shape) -> None:
        require_same_shape(type(self).__name__, a, b)


class ScalarOp(TensorOp):
    """An op on a tensor and a number, which is not differentiated."""

    def __init__(self, scalar: Any) -> None:
        self.scalar = _plain_number(type(self).__name__, scalar)


def _plain_number(op: str, scalar: Any) -> int | float:
    """Return a number as Python's own: NumPy's, and arrays of one, would turn float32 into float64."""
    if type(scalar) in (float, int):
        return scalar
    if getattr(scalar, "size", None) == 1:
        scalar = scalar.item()
    if not isinstance(scalar, (int, float)):
        found = type(scalar).__name__
        raise DTypeError(f"{op}: found {found}. Expected a number or a Tensor. Make one of it: Tensor(x).")
    return scalar


class EWiseAdd(EWiseOp):
    """Add two tensors: out = a + b.

    Shapes: a (*S), b (*S) -> (*S).
    """

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a + b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        return out_grad, out_grad


def add(a: Tensor, b: Tensor) -> Tensor:
    return EWiseAdd()(a, b)


class AddScalar(ScalarOp):
    """Add a number to every element: out = a + scalar."""

    def compute(self, a: NDArray) -> NDArray:
        return a + self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad


def add_scalar(a: Tensor, scalar: float) -> Tensor:
    return AddScalar(scalar)(a)


class EWiseMul(EWiseOp):
    """Multiply two tensors: out = a * b.

    Shapes: a (*S), b (*S) -> (*S).
    """

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a * b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        a, b = node.inputs
        return out_grad * b, out_grad * a


def multiply(a: Tensor, b: Tensor) -> Tensor:
    return EWiseMul()(a, b)


class MulScalar(ScalarOp):
    """Multiply every element by a number: out = a * scalar."""

    def compute(self, a: NDArray) -> NDArray:
        return a * self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad * self.scalar


def mul_scalar(a: Tensor, scalar: float) -> Tensor:
    return MulScalar(scalar)(a)
