"""Modules that keep a network's signals at mean 0 and variance 1."""

from needle import init
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module, Parameter


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
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        centered = x - _row_means(x)
        normalized = centered / (_row_means(centered**2) + self.eps) ** 0.5
        return normalized * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)


def _row_means(x: Tensor) -> Tensor:
    """Return each row's mean in the place of its elements."""
    rows, features = x.shape
    return (x.sum(1) / features).reshape((rows, 1)).broadcast_to(x.shape)


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
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.momentum = momentum
        self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))
        self.running_mean = init.zeros(dim, device=device, dtype=dtype)
        self.running_var = init.ones(dim, device=device, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.sum(0) / x.shape[0] if self.training else self.running_mean
        centered = x - mean.broadcast_to(x.shape)
        variance = (centered**2).sum(0) / x.shape[0] if self.training else self.running_var
        if self.training:
            self._track(mean.data, variance.data)
        scale = self.weight / (variance + self.eps) ** 0.5
        return centered * scale.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)

    def _track(self, mean: Tensor, variance: Tensor) -> None:
        old = 1 - self.momentum
        self.running_mean.data = self.running_mean * old + mean * self.momentum
        self.running_var.data = self.running_var * old + variance * self.momentum
