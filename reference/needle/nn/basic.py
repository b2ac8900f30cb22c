"""The modules that most networks are made of."""

import math
from typing import Any

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module, Parameter


class Identity(Module):
    """Return the input as it is."""

    def forward(self, x: Tensor) -> Tensor:
        return x


class Linear(Module):
    """Multiply by a matrix and add a vector: out = x @ weight + bias.

    `weight` is a Parameter (in_features, out_features), drawn first, by kaiming_uniform(in_features,
    out_features). `bias` is a Parameter (1, out_features), drawn by kaiming_uniform(out_features, 1) and
    reshaped, or None without a bias. Forward also takes a bias whose data were set to the shape
    (out_features,).
    Shapes: x (..., in_features) with at least two axes -> (..., out_features).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(init.kaiming_uniform(in_features, out_features, device=device, dtype=dtype))
        self.bias = None
        if bias:
            column = init.kaiming_uniform(out_features, 1, device=device, dtype=dtype)
            self.bias = Parameter(column.reshape((1, out_features)))

    def forward(self, x: Tensor) -> Tensor:
        out = x @ self.weight
        return out if self.bias is None else out + self.bias.broadcast_to(out.shape)


class ReLU(Module):
    """Put 0 in the place of every negative element."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.relu(x)


class Sequential(Module):
    """Call modules one after the other, each on the output of the one before.

    They are kept, in order, as the attribute `modules`. Of no modules at all the output is the input.
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        self.modules = modules

    def forward(self, x: Tensor) -> Tensor:
        for module in self.modules:
            x = module(x)
        return x


class Flatten(Module):
    """Make one row of each example.

    Shapes: x (B, ...) -> (B, the product of the other axes).
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape((x.shape[0], math.prod(x.shape[1:])))


class SoftmaxLoss(Module):
    """Return the softmax (cross-entropy) loss, log(sum_k exp(z_k)) - z_y, averaged over the examples.

    No exponential may overflow, however large the logits are.
    Shapes: logits (B, K), labels y (B,) whole numbers below K -> (), of the logits' dtype.
    Raises: LabelError for a label that is no class, as `init.one_hot` does.
    """

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        examples, classes = logits.shape
        chosen = init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
        return (ops.logsumexp(logits, 1).sum() - (logits * chosen).sum()) / examples


class Dropout(Module):
    """Put 0 in the place of elements that are drawn at random, so that a network does not rely on any one.

    In training each element is kept with probability 1 - p, where `init.randb(*x.shape, p=1 - p)` is true,
    and divided by 1 - p, so that its mean stays; p is less than 1. Otherwise, and where p is 0, x stays as
    it is, and nothing is drawn.
    Source: Srivastava et al., Dropout (2014).
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p  # how probable it is that an element becomes 0

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
        return x * (kept / (1 - self.p))


class Residual(Module):
    """Add to the input what a module makes of it: out = fn(x) + x.

    Source: He et al., Deep Residual Learning for Image Recognition (2015).
    """

    def __init__(self, fn: Any) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        return self.fn(x) + x
