"""The Transformer: attention, and the layers and the network that are made of it."""

from typing import Any

import numpy as np

from needle import ops
from needle.autograd import Tensor, array_api
from needle.backend_selection import Device
from needle.nn.basic import Dropout, Linear
from needle.nn.module import Module
from needle.nn.normalization import LayerNorm1d
from needle.ops.shapes import Shape, refuse


class MultiHeadAttention(Module):
    """Look things up softly: each query gets a mean of the values, weighted by how well their keys fit it.

    Of each head's matrices q, k and v:
        probs = dropout(softmax(q @ k^T / sqrt(D))), the softmax over the keys; result = probs @ v.
    With `causal`, `create_causal_mask` is added to q @ k^T / sqrt(D), so that no query sees what comes after
    it. `dropout` is a module, which draws once, for probs.
    Shapes: q (B, H, T, D), k (B, H, S, D), v (B, H, S, E) -> result (B, H, T, E), probs (B, H, T, S).
    Raises: ShapeError for other shapes, and with `causal` for more queries than keys.
    Source: Vaswani et al., Attention Is All You Need (2017).
    """

    def __init__(
        self,
        *,
        dropout: float = 0.0,
        causal: bool = False,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.causal = causal
        self.dropout = Dropout(dropout)

    def __call__(self, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        self.check_shapes(q.shape, k.shape, v.shape)
        return super().__call__(q, k, v)

    def check_shapes(self, q: Shape, k: Shape, v: Shape) -> None:
        found = f"q is {q}, k is {k}, v is {v}"
        if {len(q), len(k), len(v)} != {4} or q[:2] + q[3:] != k[:2] + k[3:] or k[:3] != v[:3]:
            expected = "(B, H, T, D), (B, H, S, D) and (B, H, S, E)"
            refuse("MultiHeadAttention", found, expected, "Order the axes: batch, head, place, feature")
        if self.causal and q[2] > k[2]:
            expected = "no more queries than keys, as causal is True: the last ones belong together"
            refuse("MultiHeadAttention", found, expected, "Pass all keys, or causal=False")

    def create_causal_mask(self, i: int, j: int, device: Device) -> Tensor:
        """Return what is added to the scores of i queries and j keys: 0, or -3.4e38 for a key that is later.

        The last query belongs to the last key, and sees all of them; the one before sees all but the last.
        Shapes: (1, 1, i, j).
        """
        lowest = np.full((1, 1, i, j), np.finfo(np.float32).min)
        return Tensor(np.triu(lowest, j - i + 1), device=device, dtype="float32", requires_grad=False)

    def matmul(self, a: Tensor, b_transpose: Tensor) -> Tensor:
        """Multiply stacks of matrices, the second ones transposed.

        Shapes: a (*B, n, k), b_transpose (*B, m, k) -> (*B, n, m).
        """
        return a @ ops.transpose(b_transpose)

    def softmax(self, logit: Tensor) -> Tensor:
        """Take the softmax over the last axis. No exponential overflows.

        Shapes: logit (*S, n) -> (*S, n).
        """
        largest = array_api.max(logit.realize_cached_data(), axis=-1, keepdims=True)
        exps = ops.exp(logit - ops.broadcast_to(Tensor.make_const(largest), logit.shape))
        total = ops.reshape(ops.summation(exps, -1), largest.shape)
        return exps / ops.broadcast_to(total, logit.shape)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError("not started: hw4/multi_head_attention")


class AttentionLayer(Module):
    """Let each place of one sequence gather what it needs from all places of another one, or of its own.

    1. `prenorm_q`, `prenorm_k` and `prenorm_v` normalize q, k and v, each place by itself.
    2. `q_projection`, `k_projection` and `v_projection` make num_head * dim_head features of each: dim_head
       for the first head, then dim_head for the second one, and so on.
    3. `attention`, a MultiHeadAttention, makes a result for each head.
    4. The heads' results of a place, in the same order, form one row again, of which `out_projection` makes
       out_features.
    k is q where it is not given, and v is k.
    Shapes: q (B, T, q_features), k (B, S, k_features), v (B, S, v_features) -> (B, T, out_features).
    Raises: ShapeError for other shapes.
    Source: Vaswani et al. (2017); the norms in front: Xiong et al., On Layer Normalization in the Transformer
    Architecture (2020).
    """

    def __init__(
        self,
        q_features: int,
        num_head: int,
        dim_head: int,
        *,
        k_features: int | None = None,
        v_features: int | None = None,
        out_features: int | None = None,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.num_head, self.dim_head = num_head, dim_head
        self.q_features = q_features
        self.k_features = q_features if k_features is None else k_features
        self.v_features = self.k_features if v_features is None else v_features
        self.out_features = q_features if out_features is None else out_features
        inner = num_head * dim_head
        placed: dict[str, Any] = {"device": device, "dtype": dtype}
        self.prenorm_q = LayerNorm1d(self.q_features, **placed)
        self.prenorm_k = LayerNorm1d(self.k_features, **placed)
        self.prenorm_v = LayerNorm1d(self.v_features, **placed)
        self.q_projection = Linear(self.q_features, inner, bias=False, **placed)
        self.k_projection = Linear(self.k_features, inner, bias=False, **placed)
        self.v_projection = Linear(self.v_features, inner, bias=False, **placed)
        self.attention = MultiHeadAttention(dropout=dropout, causal=causal, **placed)
        self.out_projection = Linear(inner, self.out_features, bias=False, **placed)

    def __call__(self, q: Tensor, k: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        keys = q if k is None else k
        self.check_shapes(q.shape, keys.shape, keys.shape if v is None else v.shape)
        return super().__call__(q, k, v)

    def check_shapes(self, q: Shape, k: Shape, v: Shape) -> None:
        features = self.q_features, self.k_features, self.v_features
        if (q[2:], k[2:], v[2:]) != tuple((size,) for size in features) or q[0] != k[0] or k[:2] != v[:2]:
            expected = "(B, T, {}), (B, S, {}) and (B, S, {})".format(*features)
            advice = "Bring batch, place and feature in this order, or make the layer for other features"
            refuse("AttentionLayer", f"q is {q}, k is {k}, v is {v}", expected, advice)

    def forward(self, q: Tensor, k: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        raise NotImplementedError("not started: hw4/attention_layer")


class TransformerLayer(Module):
    """Let the places of a sequence exchange what they know, then each work on it by itself.

        x = x + dropout(attention(x))
        x = x + dropout(linear2(dropout(relu(linear1(norm(x))))))

    Its modules are made in this order, and keep these names: `attention`, an AttentionLayer of q_features,
    with the same dropout inside; `norm`, a LayerNorm1d; `linear1`, to hidden_size features, and `linear2`,
    back to q_features, with biases; `dropout`.
    Shapes: x (B, T, q_features) -> the same.
    Raises: ShapeError for another shape, as AttentionLayer does.
    Source: Xiong et al. (2020).
    """

    def __init__(
        self,
        q_features: int,
        num_head: int,
        dim_head: int,
        hidden_size: int,
        *,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw4/transformer_layer")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/transformer_layer")


class Transformer(Module):
    """Read a sequence with TransformerLayers, one after the other.

    Attention alone can't tell the order of what it sees. So first a vector that is learned is added to each
    place, the same in every sequence of the batch: row 0 of `positions` to the first place, row 1 to the next
    one. `positions` is an Embedding(sequence_len, embedding_size), made first; then `layers` are made, a list
    of num_layers TransformerLayers.

    The second argument and the second outcome take the place that a hidden state has in an RNN: h is ignored,
    and the state that comes out is zeros, as x's, so that a program can treat both alike.
    Shapes: x (T, B, embedding_size), or with `batch_first` (B, T, embedding_size) -> the same, twice.
    Raises: ShapeError (a ValueError): for a sequence longer than sequence_len, naming both numbers, by
    `refuse`; by `require_shape("Transformer", "x", x, T=None, B=None, embedding_size=...)` for other shapes.
    Source: Vaswani et al. (2017); Radford et al., Improving Language Understanding by Generative Pre-Training
    (2018).
    """

    def __init__(
        self,
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        *,
        num_head: int = 8,
        dim_head: int = 32,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
        batch_first: bool = False,
        sequence_len: int = 2048,
    ) -> None:
        raise NotImplementedError("not started: hw4/transformer")

    def forward(self, x: Tensor, h: Any = None) -> tuple[Tensor, Tensor]:
        raise NotImplementedError("not started: hw4/transformer")
