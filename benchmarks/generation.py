"""Measure how many words a second language models write beside PyTorch's, one word after the other.

Both have the same weights, carry the same state or keep the same keys and values, and must write the same
words, each the likeliest. One thread, processor time.
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ["NEEDLE_BACKEND"] = "nd"

from side_by_side import ROOT, require_pytorch

require_pytorch()
sys.path.append(str(ROOT / "build" / "lib"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from language_model import LanguageModel  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402
from pytorch_transformer import Transformer, TransformerLayer  # noqa: E402
from reading import CachedReader, CarriedReader  # noqa: E402

import needle as ndl  # noqa: E402

WORDS, FEATURES, HIDDEN, LAYERS, HEADS, PLACES = 10_000, 128, 512, 2, 8, 256
PROMPT = [11, 7, 5, 3, 2]
WRITTEN = 200
ROUNDS = 7

Read = Callable[[list[int]], np.ndarray]  # the logits of what follows, after all that was read before


def model_of(kind: str) -> LanguageModel:
    np.random.seed(0)
    model = LanguageModel(FEATURES, WORDS, HIDDEN, LAYERS, seq_model=kind, seq_len=PLACES)
    model.eval()
    return model


def needle_lstm() -> Callable[[], Read]:
    model = model_of("lstm")

    def begin() -> Read:
        read: Read = CarriedReader(model).read
        return read

    return begin


def needle_transformer() -> Callable[[], Read]:
    reader = CachedReader(model_of("transformer"))

    def begin() -> Read:
        reader.forget()
        read: Read = reader.read
        return read

    return begin


def pytorch_lstm() -> Callable[[], Read]:
    embedding, lstm = torch.nn.Embedding(WORDS, FEATURES), torch.nn.LSTM(FEATURES, HIDDEN, LAYERS)
    linear = torch.nn.Linear(HIDDEN, WORDS)
    table, *others = model_of("lstm").parameters()
    with torch.no_grad():
        embedding.weight.copy_(torch.from_numpy(table.numpy()))
        for own, other in zip(others, [*lstm.parameters(), *linear.parameters()], strict=True):
            other.copy_(torch.from_numpy(own.numpy().T.reshape(other.shape).copy()))

    def begin() -> Read:
        state = None

        def read(words: list[int]) -> np.ndarray:
            nonlocal state
            states, state = lstm(embedding(torch.tensor(words)[:, None]), state)
            return np.asarray(linear(states[-1, 0]))

        return read

    return begin


def pytorch_transformer() -> Callable[[], Read]:
    ours = model_of("transformer")
    embedding, linear = torch.nn.Embedding(WORDS, FEATURES), torch.nn.Linear(FEATURES, WORDS)
    layers = Transformer(FEATURES, HIDDEN, LAYERS, heads=HEADS, dim_head=32, causal=True, places=PLACES)
    copy_parameters(ours.seq_model, layers)
    copy_parameters(ours.linear, linear)
    with torch.no_grad():
        embedding.weight.copy_(torch.from_numpy(ours.embedding.weight.numpy()))

    def begin() -> Read:
        caches: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * LAYERS

        def read(words: list[int]) -> np.ndarray:
            begun = 0 if caches[0] is None else caches[0][0].shape[2]
            places = layers.positions.T[begun : begun + len(words)]
            x = (embedding(torch.tensor(words)) + places)[None]
            for at, layer in enumerate(layers.layers):
                assert isinstance(layer, TransformerLayer)
                x, caches[at] = read_layer(layer, x, caches[at])
            return np.asarray(linear(x[0, -1]))

        return read

    return begin


def read_layer(
    layer: TransformerLayer, x: torch.Tensor, cache: tuple[torch.Tensor, torch.Tensor] | None
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Send new places (1, T, features) through a layer of which the keys and values so far are known."""
    attention = layer.attention
    q, k, v = (
        projection(norm(x)).unflatten(-1, (HEADS, -1)).transpose(1, 2)
        for norm, projection in zip(attention.norms, attention.projections, strict=True)
    )
    if cache is not None:
        k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
    found = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=cache is None)
    x = x + attention.out(found.transpose(1, 2).flatten(-2))
    return x + layer.linear2(torch.relu(layer.linear1(layer.norm(x)))), (k, v)


def write(read: Read) -> list[int]:
    """Return the likeliest words after a prompt."""
    words = list(PROMPT)
    new = words
    for _ in range(WRITTEN):
        new = [int(read(new).argmax())]
        words += new
    return words[len(PROMPT) :]


def main() -> int:
    torch.set_num_threads(1)
    ndl.set_num_threads(1)
    heading = f"words a second, of {LAYERS} layers"
    print(f"{heading:38} {'needle':>8} {'PyTorch':>8} {'ratio':>6}")
    for name, ours, theirs in (
        ("LSTM, its state carried", needle_lstm, pytorch_lstm),
        ("Transformer, keys and values cached", needle_transformer, pytorch_transformer),
    ):
        begins = ours(), theirs()
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            written = []
            for begin, kept in zip(begins, taken, strict=True):
                with torch.no_grad(), ndl.first_order():
                    began = time.process_time()
                    written.append(write(begin()))
                    kept.append(time.process_time() - began)
            if written[0] != written[1]:
                raise SystemExit(f"generation.py: {name}: the words differ. Expected the same of both.")
        rates = [WRITTEN / statistics.median(kept) for kept in taken]
        print(f"{name:38} {rates[0]:8.0f} {rates[1]:8.0f} {rates[0] / rates[1]:6.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
