"""The ops of hw2: logarithms of sums of exponentials, computed so that nothing overflows."""

from collections.abc import Sequence

from needle.autograd import NDArray, Tensor, TensorOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names
from needle.ops.mathematic import broadcast_to, exp, reshape, summation
from needle.ops.shapes import Shape, normalize_axes, refuse


class LogSoftmax(TensorOp):
    """Turn each row of logits into the logarithms of its softmax: out = a - log(sum(exp(a))) by rows.

    No exponential may overflow, however large the logits are.
    Shapes: a (B, K) -> (B, K); the sum goes over axis 1.
    """

    numbers_only = True

    def check_shapes(self, a: Shape) -> None:
        if len(a) != 2:
            refuse("LogSoftmax", f"a is {a}", "(B, K), a row of logits for each example", "Reshape it first")

    def compute(self, a: NDArray) -> NDArray:
        shifted = a - array_api.max(a, axis=1, keepdims=True)
        return shifted - array_api.log(array_api.sum(array_api.exp(shifted), axis=1, keepdims=True))

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        rows = reshape(summation(out_grad, 1), (node.shape[0], 1))
        return out_grad - exp(node) * broadcast_to(rows, node.shape)


def logsoftmax(a: Tensor) -> Tensor:
    return LogSoftmax()(a)


class LogSumExp(TensorOp):
    """Take the logarithm of the sum of the exponentials over some axes, which are gone afterwards.

    No exponential may overflow, however large the elements are.
    Shapes: a (n, k, m) -> (k,) for axes=(0, 2), (n, k) for axes=-1, () for axes=None.
    """

    numbers_only = True

    def __init__(self, axes: int | Sequence[int] | None = None) -> None:
        self.axes = axes  # None, one axis or several; negative ones count from the end

    def check_shapes(self, a: Shape) -> None:
        if 0 in [a[axis] for axis in normalize_axes("LogSumExp", self.axes, len(a))]:
            refuse("LogSumExp", f"a is {a}", "an element at least along the axes", "Leave empty ones out")

    def compute(self, a: NDArray) -> NDArray:
        axes = normalize_axes("LogSumExp", self.axes, len(a.shape))
        largest = array_api.max(a, axis=axes, keepdims=True)
        total = array_api.sum(array_api.exp(a - largest), axis=axes)
        return array_api.log(total) + array_api.reshape(largest, total.shape)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        a = node.inputs[0]
        gone = normalize_axes("LogSumExp", self.axes, len(a.shape))
        kept = tuple(1 if axis in gone else size for axis, size in enumerate(a.shape))
        softmax = exp(a - broadcast_to(reshape(node, kept), a.shape))
        return broadcast_to(reshape(out_grad, kept), a.shape) * softmax


def logsumexp(a: Tensor, axes: int | Sequence[int] | None = None) -> Tensor:
    return LogSumExp(axes)(a)
