"""The activation of hw4: the hyperbolic tangent."""

from needle.autograd import NDArray, Tensor, TensorOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names


class Tanh(TensorOp):
    """Take the hyperbolic tangent of every element, (e^a - e^-a) / (e^a + e^-a), which is between -1 and 1.

    Its derivative is 1 - tanh(a)^2. Neither may overflow, however large the elements are.
    """

    numbers_only = True

    def compute(self, a: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/tanh")

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/tanh")


def tanh(a: Tensor) -> Tensor:
    return Tanh()(a)
