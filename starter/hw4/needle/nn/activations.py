"""The activations of recurrent networks, as modules."""

from needle import ops
from needle.autograd import Tensor
from needle.nn.module import Module


class Tanh(Module):
    """Take the hyperbolic tangent of every element."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.tanh(x)


class Sigmoid(Module):
    """Squeeze every element to a number between 0 and 1: out = 1 / (1 + exp(-x)).

    Neither the output nor its gradient may overflow or become NaN, however large x is, above or below 0.
    """

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/sigmoid")
