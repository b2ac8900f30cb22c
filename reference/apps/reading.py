"""Read a text piece by piece with a trained language model, each word once.

A recurrent network carries all that it knows of a text in its state. A Transformer looks back at the keys and
the values of each place: kept in a cache, they need not be made again for every new word.
"""

from collections.abc import Sequence

import numpy as np
from language_model import LanguageModel

import needle as ndl
from needle import nn


class CarriedReader:
    """Read with a recurrent model, whose state goes on from piece to piece."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.state = None

    def read(self, words: Sequence[int]) -> np.ndarray:
        """Return the logits of the word that comes after these, which come after all that was read before.

        Shapes: (output_size,).
        """
        logits, self.state = self.model(_column(self.model, words), self.state)
        return logits.numpy()[-1]


class CachedReader:
    """Read with a Transformer, which it changes into one that remembers keys and values.

    A Transformer has no more than `sequence_len` places. When they are full, it forgets all but the last half
    of the words, and reads these once more from the first place on.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        transformer = model.seq_model
        self.places = transformer.positions = ShiftedPositions(transformer.positions)
        self.caches = [CachedAttention(layer.attention) for layer in transformer.layers]
        for layer, cache in zip(transformer.layers, self.caches, strict=True):
            layer.attention = cache
        self.longest = transformer.sequence_len
        self.words: list[int] = []  # those that the caches hold

    def read(self, words: Sequence[int]) -> np.ndarray:
        """Return the logits of the word that comes after these, as CarriedReader does."""
        new = list(words)
        if len(self.words) + len(new) > self.longest:
            new = [*self.words, *new][-max(self.longest // 2, 1) :]
            self.forget()
        self.places.start = len(self.words)
        self.words += new
        logits, _ = self.model(_column(self.model, new))
        return logits.numpy()[-1]

    def forget(self) -> None:
        """Begin anew, as if nothing was read."""
        self.words = []
        for cache in self.caches:
            cache.keys = cache.values = None


class ShiftedPositions(nn.Module):
    """A Transformer's positions, counted from the place at which a piece of text begins."""

    def __init__(self, positions: nn.Embedding) -> None:
        super().__init__()
        self.positions = positions
        self.start = 0

    def forward(self, places: ndl.Tensor) -> ndl.Tensor:
        return self.positions(places + self.start)


class CachedAttention(nn.Module):
    """An AttentionLayer of a sequence that comes in pieces: queries see the keys of all that came before."""

    def __init__(self, layer: nn.AttentionLayer) -> None:
        super().__init__()
        self.layer = layer
        self.keys: ndl.Tensor | None = None  # (B, H, T, D), as are the values
        self.values: ndl.Tensor | None = None

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        """Shapes: x (B, T, q_features), the new places -> (B, T, out_features)."""
        layer = self.layer
        queries = layer._heads(x, layer.prenorm_q, layer.q_projection)
        self.keys = _longer(self.keys, layer._heads(x, layer.prenorm_k, layer.k_projection))
        self.values = _longer(self.values, layer._heads(x, layer.prenorm_v, layer.v_projection))
        result, _ = layer.attention(queries, self.keys, self.values)
        B, H, T, D = result.shape
        rows = result.transpose((1, 2)).reshape((B * T, H * D))
        return layer.out_projection(rows).reshape((B, T, layer.out_features))


def _longer(cache: ndl.Tensor | None, new: ndl.Tensor) -> ndl.Tensor:
    """Return the places of the cache and the new ones, with no graph behind them."""
    return (new if cache is None else ndl.ops.concat((cache, new), 2)).detach()


def _column(model: LanguageModel, words: Sequence[int]) -> ndl.Tensor:
    """Return words as one column, on the model's device."""
    weight = model.linear.weight
    column = np.array(words).reshape(-1, 1)
    return ndl.Tensor(column, device=weight.device, dtype=weight.dtype, requires_grad=False)
