"""Linear layers that take all rows at once, whatever axes they lie along, and add the bias in place."""

import math
from typing import Any

from needle.autograd import Tensor
from needle.backend_selection import NDArray
from needle.fused.dispatch import fused
from needle.fused.once_differentiable import KernelOp, grads, whole
from needle.nn import Linear


class FusedLinear(KernelOp):
    """Multiply x (*S, n) by weight (n, p) and, where there is one, add bias, of p elements."""

    def compute(self, x: NDArray, weight: NDArray, *bias: NDArray) -> NDArray:
        rows, (n, p) = math.prod(x.shape[:-1]), weight.shape
        if bias:
            (out,) = self.kernels.linear((rows, n, p), whole(x), whole(weight), whole(bias[0]))
        else:
            out = self.kernels.matmul(whole(x), (n, 1), 0, whole(weight), (p, 1), 0, (), rows, n, p)
        return NDArray.made((*x.shape[:-1], p), x.device, out)

    def pull_back(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, *bias = node.inputs
        rows, (n, p) = math.prod(x.shape[:-1]), weight.shape
        g, matmul = whole(out_grad), self.kernels.matmul
        handles = [matmul(whole(x), (1, n), 0, g, (p, 1), 0, (), n, rows, p)]
        if bias:
            handles.append(self.kernels.reduce_sum(g, (rows, p), (p, 1), 0, (0,)))
        made = grads(handles, (weight, *bias))
        if not x.requires_grad:  # a batch of data
            return None, *made
        x_grad = matmul(g, (p, 1), 0, whole(weight), (1, p), 0, (), rows, p, n)
        return *grads([x_grad], [x]), *made


@fused(Linear, "forward", kernel="linear")
def linear(kernels: Any, layer: Linear, x: Tensor) -> Any:
    weight, bias = layer.weight, layer.bias
    fits = len(x.shape) >= 2 and x.shape[-1:] == weight.shape[:1] and len(weight.shape) == 2
    if not fits or 0 in (*x.shape, *weight.shape) or x.device != weight.device:
        return NotImplemented
    if bias is None:
        return FusedLinear(kernels)(x, weight)
    if bias.shape not in ((1, weight.shape[1]), weight.shape[1:]) or bias.device != x.device:
        return NotImplemented
    return FusedLinear(kernels)(x, weight, bias)
