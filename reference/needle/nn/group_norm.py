"""Normalization over groups of channels, which needs no batch."""

import math

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module, Parameter
from needle.ops.shapes import refuse


class GroupNorm(Module):
    """Normalize groups of each example's channels: out = weight * (x - mean) / sqrt(variance + eps) + bias.

    Mean and (biased) variance are those of all numbers in a group's channels. `weight` begins as ones,
    `bias` as zeros; both are Parameters (channels,), one number for each channel.
    Shapes: x (N, channels, ...) -> (N, channels, ...).
    Source: Wu and He, Group Normalization (2018).
    """

    def __init__(
        self,
        groups: int,
        channels: int,
        eps: float = 1e-5,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        if groups < 1 or channels % groups:
            found = f"groups {groups}, channels {channels}"
            refuse("GroupNorm", found, "groups of equally many channels", "Take a number that divides them")
        self.groups = groups
        self.channels = channels
        self.eps = eps
        self.weight = Parameter(init.ones(channels, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(channels, device=device, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        if len(x.shape) < 2 or x.shape[1] != self.channels:
            expected = f"(N, {self.channels}, ...)"
            refuse("GroupNorm", f"x is {x.shape}", expected, "Put the channels on axis 1")
        rows = x.shape[0] * self.groups
        grouped = x.reshape((rows, math.prod(x.shape[1:]) // self.groups))
        centered = grouped - _row_means(grouped)
        normalized = (centered / (_row_means(centered**2) + self.eps) ** 0.5).reshape(x.shape)
        column = (1, self.channels, *[1] * (len(x.shape) - 2))
        weight, bias = (ops.broadcast_to(one.reshape(column), x.shape) for one in (self.weight, self.bias))
        return normalized * weight + bias


def _row_means(x: Tensor) -> Tensor:
    """Return each row's mean in the place of its elements."""
    rows, size = x.shape
    return (x.sum(1) / size).reshape((rows, 1)).broadcast_to(x.shape)
