"""The ops of hw1: powers, quotients, shapes, sums and products of matrices.

An op is a class with `compute`, from arrays to an array, and `gradient`, from Tensors to Tensors. The
function below each class is how the op is called. What shapes an op takes is checked before `compute` is
called.
"""

from collections.abc import Sequence

from needle.autograd import NDArray, Tensor, TensorOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names
from needle.ops.arithmetic import EWiseOp, ScalarOp
from needle.ops.shapes import (
    Shape,
    as_shape,
    normalize_axes,
    require_broadcastable,
    require_matmul_shapes,
    require_same_size,
    two_axes,
)


class EWisePow(EWiseOp):
    """Raise one tensor to the power of another: out = a ** b, for a > 0.

    Shapes: a (*S), b (*S) -> (*S).
    """

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a**b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        a, b = node.inputs
        return out_grad * b * power(a, b - 1), out_grad * node * log(a)


def power(a: Tensor, b: Tensor) -> Tensor:
    return EWisePow()(a, b)


class PowerScalar(ScalarOp):
    """Raise every element to the power of a number: out = a ** scalar.

    The power 0 is constant: its gradient is 0 everywhere, where a is 0 too.
    """

    def compute(self, a: NDArray) -> NDArray:
        return a**self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        if self.scalar == 0:  # a constant; 0 * a ** -1 would be NaN where a is 0
            return out_grad * 0
        return out_grad * (self.scalar * power_scalar(node.inputs[0], self.scalar - 1))


def power_scalar(a: Tensor, scalar: float) -> Tensor:
    return PowerScalar(scalar)(a)


class EWiseDiv(EWiseOp):
    """Divide one tensor by another: out = a / b.

    Shapes: a (*S), b (*S) -> (*S).
    """

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a / b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        _, b = node.inputs
        grad_a = out_grad / b
        return grad_a, -(grad_a * node)


def divide(a: Tensor, b: Tensor) -> Tensor:
    return EWiseDiv()(a, b)


class DivScalar(ScalarOp):
    """Divide every element by a number: out = a / scalar. A float32 tensor stays float32."""

    def compute(self, a: NDArray) -> NDArray:
        return a / self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad / self.scalar


def divide_scalar(a: Tensor, scalar: float) -> Tensor:
    return DivScalar(scalar)(a)


class Transpose(TensorOp):
    """Swap two axes, by default the last two.

    Shapes: a (..., i, ..., j, ...) -> (..., j, ..., i, ...) for axes=(i, j).
    """

    def __init__(self, axes: Sequence[int] | None = None) -> None:
        self.axes = axes  # two of them, in any order; negative ones count from the end

    def check_shapes(self, a: Shape) -> None:
        two_axes("Transpose", self.axes, len(a))

    def compute(self, a: NDArray) -> NDArray:
        one, other = self.axes or (-1, -2)
        return array_api.swapaxes(a, one, other)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return transpose(out_grad, self.axes)


def transpose(a: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    return Transpose(axes)(a)


class Reshape(TensorOp):
    """Give the elements, in their row-major order, another shape of as many elements."""

    def __init__(self, shape: int | Shape) -> None:
        self.shape = as_shape(shape)

    def check_shapes(self, a: Shape) -> None:
        require_same_size("Reshape", a, self.shape)

    def compute(self, a: NDArray) -> NDArray:
        return array_api.reshape(a, self.shape)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return reshape(out_grad, node.inputs[0].shape)


def reshape(a: Tensor, shape: int | Shape) -> Tensor:
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    """Repeat a tensor along new leading axes, and along its axes of length 1, to a wider shape.

    Shapes: a, aligned from the right with `shape`, has on each axis 1 or the new length; () fits every shape.
    """

    def __init__(self, shape: int | Shape) -> None:
        self.shape = as_shape(shape)

    def check_shapes(self, a: Shape) -> None:
        require_broadcastable("BroadcastTo", a, self.shape)

    def compute(self, a: NDArray) -> NDArray:
        return array_api.broadcast_to(a, self.shape)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return _sum_to(out_grad, node.inputs[0].shape)


def broadcast_to(a: Tensor, shape: int | Shape) -> Tensor:
    return BroadcastTo(shape)(a)


def _sum_to(a: Tensor, shape: Shape) -> Tensor:
    """Undo a broadcast from `shape`: sum over the axes along which it repeated."""
    added = len(a.shape) - len(shape)
    grown = [axis for axis, size in enumerate(shape, added) if size != a.shape[axis]]
    axes = (*range(added), *grown)
    return reshape(summation(a, axes), shape) if axes else a


class Summation(TensorOp):
    """Sum over some axes, which are gone afterwards; over all of them by default.

    Shapes: a (n, k, m) -> (k,) for axes=(0, 2), (n, k) for axes=-1, () for axes=None.
    """

    def __init__(self, axes: int | Sequence[int] | None = None) -> None:
        self.axes = axes  # None, one axis or several; negative ones count from the end

    def check_shapes(self, a: Shape) -> None:
        normalize_axes("Summation", self.axes, len(a))

    def compute(self, a: NDArray) -> NDArray:
        axes = self.axes if self.axes is None or isinstance(self.axes, int) else tuple(self.axes)
        return array_api.sum(a, axis=axes)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        shape = node.inputs[0].shape
        if self.axes is not None:
            gone = normalize_axes("Summation", self.axes, len(shape))
            kept = tuple(1 if axis in gone else size for axis, size in enumerate(shape))
            out_grad = reshape(out_grad, kept)
        return broadcast_to(out_grad, shape)


def summation(a: Tensor, axes: int | Sequence[int] | None = None) -> Tensor:
    return Summation(axes)(a)


class MatMul(TensorOp):
    """Multiply matrices, or stacks of them: out = a @ b.

    Shapes: a (*B, n, k), b (*C, k, m) -> (*D, n, m), where the batch axes B and C broadcast to D as in NumPy.
    """

    def check_shapes(self, a: Shape, b: Shape) -> None:
        require_matmul_shapes("MatMul", a, b)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a @ b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor | None, Tensor]:
        a, b = node.inputs
        if not a.requires_grad:  # a batch of data: its gradient would be a network's largest product
            return None, _sum_to(matmul(transpose(a), out_grad), b.shape)
        grad_a = matmul(out_grad, transpose(b))
        grad_b = matmul(transpose(a), out_grad)
        return _sum_to(grad_a, a.shape), _sum_to(grad_b, b.shape)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    return MatMul()(a, b)


class Negate(TensorOp):
    """Change the sign of every element: out = -a."""

    def compute(self, a: NDArray) -> NDArray:
        return -a

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return -out_grad


def negate(a: Tensor) -> Tensor:
    return Negate()(a)


class Log(TensorOp):
    """Take the natural logarithm of every element, for a > 0."""

    numbers_only = True

    def compute(self, a: NDArray) -> NDArray:
        return array_api.log(a)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad / node.inputs[0]


def log(a: Tensor) -> Tensor:
    return Log()(a)


class Exp(TensorOp):
    """Raise e to the power of every element."""

    numbers_only = True

    def compute(self, a: NDArray) -> NDArray:
        return array_api.exp(a)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad * node


def exp(a: Tensor) -> Tensor:
    return Exp()(a)


class ReLU(TensorOp):
    """Put 0 in the place of every negative element: out = max(a, 0).

    Its derivative is 1 where a > 0, and 0 elsewhere, at 0 too. It is piecewise constant, so here alone
    `gradient` may look at the data, `realize_cached_data()`, of an input.
    """

    def compute(self, a: NDArray) -> NDArray:
        return array_api.maximum(a, 0)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad * Tensor.make_const(node.inputs[0].realize_cached_data() > 0)


def relu(a: Tensor) -> Tensor:
    return ReLU()(a)
