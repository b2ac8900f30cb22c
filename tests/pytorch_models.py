"""MLPResNet and ResNet9 in PyTorch: what tests and benchmarks put beside needle's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fn(x) + x


def residual_block(
    dim: int, hidden_dim: int, norm: Callable[[int], nn.Module], drop_prob: float
) -> nn.Module:
    layers = nn.Sequential(
        nn.Linear(dim, hidden_dim),
        norm(hidden_dim),
        nn.ReLU(),
        nn.Dropout(drop_prob),
        nn.Linear(hidden_dim, dim),
        norm(dim),
    )
    return nn.Sequential(Residual(layers), nn.ReLU())


def mlp_resnet(
    dim: int,
    hidden_dim: int = 100,
    num_blocks: int = 3,
    num_classes: int = 10,
    norm: Callable[[int], nn.Module] = nn.BatchNorm1d,
    drop_prob: float = 0.1,
) -> nn.Module:
    blocks = [residual_block(hidden_dim, hidden_dim // 2, norm, drop_prob) for _ in range(num_blocks)]
    return nn.Sequential(nn.Linear(dim, hidden_dim), nn.ReLU(), *blocks, nn.Linear(hidden_dim, num_classes))


def resnet9() -> nn.Module:
    return nn.Sequential(
        conv_bn(3, 16, 7, 4),
        conv_bn(16, 32, 3, 2),
        Residual(nn.Sequential(conv_bn(32, 32, 3, 1), conv_bn(32, 32, 3, 1))),
        conv_bn(32, 64, 3, 2),
        conv_bn(64, 128, 3, 2),
        Residual(nn.Sequential(conv_bn(128, 128, 3, 1), conv_bn(128, 128, 3, 1))),
        nn.Flatten(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def conv_bn(in_channels: int, out_channels: int, kernel_size: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, stride, kernel_size // 2),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


def copy_parameters(ours: Any, theirs: nn.Module) -> None:
    """Give a module of PyTorch the parameters of one of needle that is built alike."""
    with torch.no_grad():
        for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(torch.from_numpy(as_pytorchs(own.numpy(), other.shape).copy()))


def as_pytorchs(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a parameter as PyTorch lays it out: a kernel with its channels first."""
    turned = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T
    return turned.reshape(shape)
