"""Language models in PyTorch, with the weights of needle's: what tests and benchmarks compare."""

from typing import Any

import torch
from pytorch_models import copy_parameters
from pytorch_transformer import Transformer
from torch import nn


class LanguageModel(nn.Module):
    """Shapes: words (T, B), h -> logits (T * B, output_size), and the state after them, detached."""

    def __init__(self, ours: Any, kind: str) -> None:
        super().__init__()
        words, features = ours.embedding.weight.shape
        self.embedding = nn.Embedding(words, features)
        self.network = network_like(ours.seq_model, kind, features)
        self.linear = nn.Linear(ours.linear.weight.shape[0], words)
        self.to(torch.from_numpy(ours.linear.weight.numpy()).dtype)
        copy_parameters(ours.seq_model, self.network)
        copy_parameters(ours.linear, self.linear)
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(ours.embedding.weight.numpy().copy()))

    def forward(self, words: torch.Tensor, h: Any = None) -> tuple[torch.Tensor, Any]:
        x = self.embedding(words)
        found = self.network(x) if h is None else self.network(x, h)
        features, h = found if isinstance(found, tuple) else (found, None)
        if h is not None:
            h = tuple(one.detach() for one in h) if isinstance(h, tuple) else h.detach()
        return self.linear(features.flatten(0, 1)), h


def network_like(ours: Any, kind: str, features: int) -> nn.Module:
    """Return a sequence model of PyTorch's as large as one of needle's."""
    if kind == "transformer":
        layers = ours.layers
        hidden, heads = layers[0].linear1.weight.shape[1], layers[0].attention.num_head
        dim_head = layers[0].attention.q_projection.weight.shape[1] // heads
        return Transformer(
            features,
            hidden,
            len(layers),
            heads=heads,
            dim_head=dim_head,
            causal=True,
            places=ours.sequence_len,
        )
    cells = getattr(ours, f"{kind}_cells")
    made: nn.Module = getattr(nn, kind.upper())(features, cells[0].hidden_size, len(cells))
    return made
