"""Modules that keep a network's signals at mean 0 and variance 1."""

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module


class LayerNorm1d(Module):
    """Normalize each example over its features: out = weight * (x - mean) / sqrt(variance + eps) + bias.

    The variance is the biased one, the mean of the squares of x - mean. `weight` begins as ones, `bias` as
    zeros; both are Parameters (dim,).
    Shapes: x (B, dim) -> (B, dim).
    Source: Ba, Kiros and Hinton, Layer Normalization (2016).
    """

    def __init__(
        self, dim: int, eps: float = 1e-5, device: Device | None = None, dtype: str = "float32"
    ) -> None:
        raise NotImplementedError("not started: hw2/layer_norm")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/layer_norm")


class BatchNorm1d(Module):
    """Normalize each feature over the batch: out = weight * (x - mean) / sqrt(variance + eps) + bias.

    In training, mean and (biased) variance are those of the batch, which also move the running ones:
    new = (1 - momentum) * old + momentum * batch's. Otherwise the running ones normalize, and stay.
    `weight` begins as ones, `bias` as zeros; both are Parameters (dim,). `running_mean` begins as zeros,
    `running_var` as ones; both are plain Tensors (dim,) with no graph behind them.
    Shapes: x (B, dim) -> (B, dim).
    Source: Ioffe and Szegedy, Batch Normalization (2015).
    """

    def __init__(
        self,
        dim: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw2/batch_norm")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw2/batch_norm")
