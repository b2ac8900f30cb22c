"""Eight bits a weight: levels, scales, and a layer that multiplies integers."""

import numpy as np

import needle as ndl
from needle import nn


def quantize(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return levels and scales: levels[i, j] * scales[j] is within scales[j] / 2 of weight[i, j].

    The levels are from -127 to 127, and a column's largest magnitude has one of these two; a column of
    zeros has the scale 1.
    Shapes: weight (m, n) -> levels (m, n) int8, scales (n,) float32.
    """
    raise NotImplementedError("not started: project/quantization: write quantize")


class QuantizedLinear(nn.Module):
    """What a Linear layer computes, with int8 weights and inputs, and sums in int32.

    `levels` and `scales` are `quantize`'s of the layer's weight. Each row of an input has a scale of its own.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.levels, self.scales = quantize(linear.weight.numpy())
        self.bias = None if linear.bias is None else linear.bias.numpy().reshape(-1)

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        raise NotImplementedError("not started: project/quantization: write QuantizedLinear.forward")


def quantize_model(model: nn.Sequential) -> nn.Sequential:
    """Return a model with a QuantizedLinear for every Linear, and everything else as it is."""
    raise NotImplementedError("not started: project/quantization: write quantize_model")
