"""Embeddings that copy rows of their weight, and add gradients to them, with no one-hot rows."""

import math
from typing import Any

from needle.autograd import Tensor
from needle.backend_selection import NDArray
from needle.fused.dispatch import fused
from needle.fused.once_differentiable import KernelOp, grads, whole
from needle.nn import Embedding


class FusedEmbedding(KernelOp):
    """Put in the place of each token the row of weight (V, D) of this number."""

    def __init__(self, kernels: Any, tokens: Tensor) -> None:
        super().__init__(kernels)
        self.shape = tokens.shape
        self.tokens = whole(tokens)

    def compute(self, weight: NDArray) -> NDArray:
        (out,) = self.kernels.gather_rows(self._sizes(weight), whole(weight), self.tokens)
        return NDArray.made((*self.shape, weight.shape[1]), weight.device, out)

    def pull_back(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        sizes = self._sizes(node.inputs[0])
        return grads(self.kernels.scatter_add_rows(sizes, whole(out_grad), self.tokens), node.inputs)

    def _sizes(self, weight: Tensor | NDArray) -> tuple[int, int, int]:
        return (math.prod(self.shape), *weight.shape)


@fused(Embedding, "forward", kernel="gather_rows")
def embedding(kernels: Any, layer: Embedding, x: Tensor) -> Any:
    weight = layer.weight
    fits = weight.shape == (layer.num_embeddings, layer.embedding_dim) and 0 not in (*x.shape, *weight.shape)
    if not fits or x.device != weight.device:
        return NotImplemented
    try:
        return FusedEmbedding(kernels, x)(weight)
    except IndexError:  # of a token that there is not: the composed layer finds the words
        return NotImplemented
