"""Layer normalization over any of the last axes; hw2's LayerNorm1d takes rows alone."""

import math

from needle import init
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module, Parameter
from needle.ops.shapes import Shape, as_shape, refuse


class LayerNorm(Module):
    """Normalize over the last axes: out = weight * (x - mean) / sqrt(variance + eps) + bias.

    The variance is the biased one. `weight` begins as ones, `bias` as zeros; both are Parameters of
    normalized_shape.
    Shapes: x (*S, *normalized_shape) -> the same. A single length stands for a shape of one axis.
    Raises: ShapeError for an x that does not end so.
    Source: Ba, Kiros and Hinton, Layer Normalization (2016).
    """

    def __init__(
        self,
        normalized_shape: int | Shape,
        eps: float = 1e-5,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        if 0 in (self.normalized_shape or (0,)):
            advice = "Name the lengths of the last axes"
            refuse(
                "LayerNorm", f"normalized_shape is {normalized_shape}", "one axis or more, none empty", advice
            )
        self.eps = eps
        self.weight = Parameter(init.ones(*self.normalized_shape, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(*self.normalized_shape, device=device, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        leading = len(x.shape) - len(self.normalized_shape)
        if leading < 0 or x.shape[leading:] != self.normalized_shape:
            expected = f"its last axes to be {self.normalized_shape}"
            refuse(
                "LayerNorm", f"x is {x.shape}", expected, "Reshape it, or make the layer for another shape"
            )
        centered = x - self._means(x)
        normalized = centered / (self._means(centered**2) + self.eps) ** 0.5
        return normalized * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)

    def _means(self, x: Tensor) -> Tensor:
        """Return the means over the last axes in the places of what they are taken of."""
        last = len(self.normalized_shape)
        means = x.sum(tuple(range(-last, 0))) / math.prod(self.normalized_shape)
        return means.reshape((*x.shape[:-last], *(1,) * last)).broadcast_to(x.shape)
