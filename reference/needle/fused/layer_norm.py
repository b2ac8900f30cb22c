"""Layer normalization in one pass over the rows, and another one for its gradients."""

import math
from typing import Any

from needle.autograd import Tensor
from needle.backend_selection import NDArray
from needle.fused.dispatch import fused
from needle.fused.once_differentiable import KernelOp, grads, whole
from needle.nn import LayerNorm, LayerNorm1d


class FusedLayerNorm(KernelOp):
    """Normalize x (*S, *N) over its last axes, with weight and bias (*N)."""

    def __init__(self, kernels: Any, eps: float) -> None:
        super().__init__(kernels)
        self.eps = eps

    def compute(self, x: NDArray, weight: NDArray, bias: NDArray) -> NDArray:
        of = (_sizes(x, weight), whole(x), whole(weight), whole(bias), self.eps)
        out, self.means, self.inverses = self.kernels.layer_norm(*of)
        return NDArray.made(x.shape, x.device, out)

    def pull_back(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        x, weight, _ = node.inputs
        of = (_sizes(x, weight), whole(x), whole(weight), self.means, self.inverses, whole(out_grad))
        return grads(self.kernels.layer_norm_gradient(*of), node.inputs)


def _sizes(x: Tensor | NDArray, weight: Tensor | NDArray) -> tuple[int, int]:
    columns = math.prod(weight.shape)
    return math.prod(x.shape) // columns, columns


@fused(LayerNorm1d, "forward", kernel="layer_norm")
def layer_norm_1d(kernels: Any, layer: LayerNorm1d, x: Tensor) -> Any:
    return _normalized(kernels, layer, x, (layer.dim,)) if len(x.shape) == 2 else NotImplemented


@fused(LayerNorm, "forward", kernel="layer_norm")
def layer_norm(kernels: Any, layer: LayerNorm, x: Tensor) -> Any:
    return _normalized(kernels, layer, x, layer.normalized_shape)


def _normalized(kernels: Any, layer: Any, x: Tensor, shape: tuple[int, ...]) -> Any:
    weight, bias = layer.weight, layer.bias
    fits = x.shape[-len(shape) :] == weight.shape == bias.shape == shape and 0 not in x.shape
    if not fits or not x.device == weight.device == bias.device:
        return NotImplemented
    return FusedLayerNorm(kernels, layer.eps)(x, weight, bias)
