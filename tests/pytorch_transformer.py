"""The Transformer in PyTorch, its parameters in the order of needle's: what tests and benchmarks compare."""

import math

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class AttentionLayer(nn.Module):
    def __init__(
        self, features: int, heads: int, dim_head: int, *, dropout: float = 0.0, causal: bool = True
    ) -> None:
        super().__init__()
        inner = heads * dim_head
        self.heads, self.causal, self.p = heads, causal, dropout
        self.norms = nn.ModuleList(nn.LayerNorm(features) for _ in range(3))
        self.projections = nn.ModuleList(nn.Linear(features, inner, bias=False) for _ in range(3))
        self.out = nn.Linear(inner, features, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (
            projection(norm(x)).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for norm, projection in zip(self.norms, self.projections, strict=True)
        )
        p = self.p if self.training else 0.0
        found = scaled_dot_product_attention(q, k, v, dropout_p=p, is_causal=self.causal)
        return self.out(found.transpose(1, 2).flatten(-2))


class TransformerLayer(nn.Module):
    def __init__(
        self,
        features: int,
        heads: int,
        dim_head: int,
        hidden: int,
        *,
        dropout: float = 0.0,
        causal: bool = True,
    ) -> None:
        super().__init__()
        self.attention = AttentionLayer(features, heads, dim_head, dropout=dropout, causal=causal)
        self.norm = nn.LayerNorm(features)
        self.linear1 = nn.Linear(features, hidden)
        self.linear2 = nn.Linear(hidden, features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.dropout(self.attention(x))
        hidden = self.dropout(torch.relu(self.linear1(self.norm(x))))
        return x + self.dropout(self.linear2(hidden))


class Transformer(nn.Module):
    """Shapes: x (T, B, features) -> the same."""

    def __init__(
        self, features: int, hidden: int, layers: int, *, heads: int, dim_head: int, causal: bool, places: int
    ) -> None:
        super().__init__()
        # a column for each place, as `copy_parameters` transposes what it copies
        self.positions = nn.Parameter(torch.randn(features, places) / math.sqrt(features))
        self.layers = nn.ModuleList(
            TransformerLayer(features, heads, dim_head, hidden, causal=causal) for _ in range(layers)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = (x + self.positions.T[: len(x), None]).transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        return x.transpose(0, 1)
