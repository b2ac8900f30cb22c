"""Train language models on a text in needle and in PyTorch, from the same weights, and draw both on one plot.

The text is the Penn Treebank in NEEDLE_DATA_DIR, or data/. Prints each epoch's perplexity on the test text
and the seconds of the epoch, and writes build/perplexity.png: the loss over the batches, averaged over some.

    python benchmarks/perplexity.py --epochs 1 --threads 2 --max-lines 10000
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call, misc"

import argparse
import math
import os
import sys
import time
from typing import Any

os.environ["NEEDLE_BACKEND"] = "nd"

from side_by_side import ROOT, require_pytorch

require_pytorch()
sys.path.append(str(ROOT / "build" / "lib"))

import numpy as np  # noqa: E402
import pytorch_language_model  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from train_language_model import CLIP, COLUMNS, RATES, STEPS, model_of  # noqa: E402
from train_ptb import epoch_general_ptb, evaluate_ptb  # noqa: E402
from training import data_dir  # noqa: E402

import needle as ndl  # noqa: E402
from needle import nn  # noqa: E402

AVERAGED = 50  # batches

Losses = list[float]


class NotedLoss(nn.SoftmaxLoss):
    """The softmax loss, which keeps what it found."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Losses = []

    def forward(self, logits: ndl.Tensor, y: ndl.Tensor) -> ndl.Tensor:
        loss = super().forward(logits, y)
        self.found.append(loss.numpy().item())
        return loss


def needle_training(model: Any, kind: str, train: np.ndarray, test: np.ndarray, epochs: int) -> Losses:
    opt, losses = ndl.optim.Adam(model.parameters(), lr=RATES[kind]), NotedLoss()
    for number in range(epochs):
        began = time.perf_counter()
        epoch_general_ptb(train, model, STEPS, losses, opt, CLIP)
        say("needle", number, time.perf_counter() - began, evaluate_ptb(model, test, STEPS)[1])
    return losses.found


def pytorch_training(model: Any, kind: str, train: np.ndarray, test: np.ndarray, epochs: int) -> Losses:
    opt, losses = torch.optim.Adam(model.parameters(), lr=RATES[kind]), list[float]()
    for number in range(epochs):
        began = time.perf_counter()
        losses += pytorch_pass(model, train, opt)
        seconds = time.perf_counter() - began
        with torch.no_grad():
            tested = pytorch_pass(model, test, None)
        counts = [min(STEPS, len(test) - 1 - start) for start in range(0, len(test) - 1, STEPS)]
        say("PyTorch", number, seconds, float(np.average(tested, weights=counts)))
    return losses


def pytorch_pass(model: Any, data: np.ndarray, opt: torch.optim.Optimizer | None) -> Losses:
    words, h, losses = torch.from_numpy(data).long(), None, list[float]()
    for start in range(0, len(data) - 1, STEPS):
        x = words[start : start + STEPS][: len(data) - 1 - start]
        logits, h = model(x, h)
        loss = torch.nn.functional.cross_entropy(logits, words[start + 1 : start + 1 + len(x)].reshape(-1))
        if opt is not None:
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            opt.step()
        losses.append(loss.item())
    return losses


def say(library: str, number: int, seconds: float, loss: float) -> None:
    said = f"epoch {number + 1}: {seconds:7.1f} s, test perplexity {math.exp(loss):8.2f}"
    print(f"  {library:8} {said}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-lines", type=int)
    options = parser.parse_args()
    ndl.set_num_threads(options.threads)
    torch.set_num_threads(options.threads)
    corpus = ndl.data.Corpus(data_dir() / "ptb", options.max_lines)
    train, test = (
        ndl.data.batchify(text, COLUMNS, ndl.default_device(), "float32")
        for text in (corpus.train, corpus.test)
    )
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for kind in ("lstm", "transformer"):
        print(f"{kind}, {len(corpus.train):,} words")
        ours = model_of(kind, len(corpus.dictionary))
        theirs = pytorch_language_model.LanguageModel(ours, kind)
        expected = pytorch_training(theirs, kind, train, test, options.epochs)
        found = needle_training(ours, kind, train, test, options.epochs)
        for label, losses, style in ((f"{kind}, PyTorch", expected, "-"), (f"{kind}, needle", found, "--")):
            kept = len(losses) // AVERAGED * AVERAGED
            axes.plot(np.reshape(losses[:kept], (-1, AVERAGED)).mean(1), style, label=label)
        apart = max(abs(a - b) for a, b in zip(expected, found, strict=True))
        print(f"  the losses of a batch differ by {apart:.1e} at most")
    axes.set(xlabel=f"batches of {STEPS} x {COLUMNS} words, in {AVERAGED}s", ylabel="softmax loss")
    axes.legend()
    file = ROOT / "build" / "perplexity.png"
    figure.savefig(file)
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
