"""Attention layers whose heads are computed where they lie, tile by tile, with no matrix of probabilities."""

from typing import Any

from needle.autograd import Tensor
from needle.backend_selection import NDArray
from needle.fused.dispatch import fused
from needle.fused.once_differentiable import KernelOp, grads, whole
from needle.nn import AttentionLayer, MultiHeadAttention


class FusedAttention(KernelOp):
    """Attend with q (B, T, H * D) to k (B, S, H * D) and v (B, S, H * E): out (B, T, H * E)."""

    def __init__(self, kernels: Any, heads: int, causal: bool) -> None:
        super().__init__(kernels)
        self.heads = heads
        self.causal = causal

    def compute(self, q: NDArray, k: NDArray, v: NDArray) -> NDArray:
        (batch, queries, features), (_, keys, values) = q.shape, v.shape
        self.sizes = (batch, self.heads, queries, keys, features // self.heads, values // self.heads)
        self.out, self.log_sums = self.kernels.attention(self.sizes, self.causal, *map(whole, (q, k, v)))
        return NDArray.made((batch, queries, values), q.device, self.out)

    def pull_back(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        of = (*map(whole, node.inputs), self.out, self.log_sums, whole(out_grad))
        return grads(self.kernels.attention_gradient(self.sizes, self.causal, *of), node.inputs)


@fused(AttentionLayer, "forward", kernel="attention")
def attention_layer(
    kernels: Any, layer: AttentionLayer, q: Tensor, k: Tensor | None = None, v: Tensor | None = None
) -> Any:
    k = q if k is None else k
    v = k if v is None else v
    attention = layer.attention
    if type(attention) is not MultiHeadAttention:  # another module was put in its place
        return NotImplemented
    drops = attention.training and attention.dropout.p > 0  # then which of the probabilities is drawn
    if drops or 0 in (*q.shape, *k.shape) or (attention.causal and q.shape[1] > k.shape[1]):
        return NotImplemented
    parts = (
        (q, layer.prenorm_q, layer.q_projection),
        (k, layer.prenorm_k, layer.k_projection),
        (v, layer.prenorm_v, layer.v_projection),
    )
    heads = [_projected(*part) for part in parts]
    out = FusedAttention(kernels, layer.num_head, attention.causal)(*heads)
    rows = out.reshape((q.shape[0] * q.shape[1], out.shape[2]))
    return layer.out_projection(rows).reshape((*q.shape[:2], layer.out_features))


def _projected(x: Tensor, norm: Any, projection: Any) -> Tensor:
    batch, length, features = x.shape
    rows = projection(norm(x.reshape((batch * length, features))))
    return rows.reshape((batch, length, rows.shape[1]))
