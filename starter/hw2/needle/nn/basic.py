"""The modules that most networks are made of."""

from typing import Any

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module


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
        raise NotImplementedError("not started: hw2/linear")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/linear")


class ReLU(Module):
    """Put 0 in the place of every negative element."""

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/relu")


class Sequential(Module):
    """Call modules one after the other, each on the output of the one before.

    They are kept, in order, as the attribute `modules`. Of no modules at all the output is the input.
    """

    def __init__(self, *modules: Module) -> None:
        raise NotImplementedError("not started: hw2/sequential")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/sequential")


class Flatten(Module):
    """Make one row of each example.

    Shapes: x (B, ...) -> (B, the product of the other axes).
    """

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/flatten")


class SoftmaxLoss(Module):
    """Return the softmax (cross-entropy) loss, log(sum_k exp(z_k)) - z_y, averaged over the examples.

    No exponential may overflow, however large the logits are.
    Shapes: logits (B, K), labels y (B,) whole numbers below K -> (), of the logits' dtype.
    Raises: LabelError for a label that is no class, as `init.one_hot` does.
    """

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/softmax_loss")


class Dropout(Module):
    """Put 0 in the place of elements that are drawn at random, so that a network does not rely on any one.

    In training each element is kept with probability 1 - p, where `init.randb(*x.shape, p=1 - p)` is true,
    and divided by 1 - p, so that its mean stays; p is less than 1. Otherwise, and where p is 0, x stays as
    it is, and nothing is drawn.
    Source: Srivastava et al., Dropout (2014).
    """

    def __init__(self, p: float = 0.5) -> None:
        raise NotImplementedError("not started: hw2/dropout")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/dropout")


class Residual(Module):
    """Add to the input what a module makes of it: out = fn(x) + x.

    Source: He et al., Deep Residual Learning for Image Recognition (2015).
    """

    def __init__(self, fn: Any) -> None:
        raise NotImplementedError("not started: hw2/residual")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/residual")
