"""Train a language model on the Penn Treebank: `python apps/train_language_model.py --model rnn`."""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from checkpoints import add_checkpoint_options, done_before, save_checkpoint
from language_model import LanguageModel
from tqdm import tqdm
from train_ptb import epoch_general_ptb, evaluate_ptb
from training import announce, data_dir, option_parser, plot_losses

import needle as ndl
from needle import nn
from needle.errors import NeedleError

KINDS = ("rnn", "lstm", "gru", "transformer")
FEATURES = 100  # of the embedding, and of the sequence model inside
COLUMNS, STEPS = 16, 40  # words in a batch: side by side, and one after the other
CLIP = 0.25
RATES = {"rnn": 0.001, "lstm": 0.002, "gru": 0.002, "transformer": 0.001}  # of Adam
FIGURES = ("train_accuracy", "train_loss", "test_accuracy", "test_loss")


class WatchedLoss(nn.SoftmaxLoss):
    """The softmax loss, of which each call moves a progress bar by a batch."""

    def __init__(self, name: str, data: np.ndarray) -> None:
        super().__init__()
        batches = -(-(len(data) - 1) // STEPS)
        self.bar = tqdm(total=batches, desc=name, leave=False, disable=None)

    def forward(self, logits: ndl.Tensor, y: ndl.Tensor) -> ndl.Tensor:
        self.bar.update()
        return super().forward(logits, y)


def options_of_text(parser: argparse.ArgumentParser) -> None:
    """Let a program be asked for a kind of model, and for less than the whole text."""
    parser.add_argument("--model", choices=KINDS, default="lstm")
    parser.add_argument("--max-lines", type=int, metavar="N", help="read N lines of each text, not all")


def ptb_folder() -> Path:
    """Return the folder with the texts. Raises: SystemExit, with what to do, when they are not there."""
    folder = data_dir() / "ptb"
    for name in ("train.txt", "test.txt"):
        if not (folder / name).exists():
            raise SystemExit(
                f"{folder / name}: not found. Run `make data DATASET=ptb`, "
                f"or `make data DATASET=ptb SYNTHETIC=1` for a stand-in that needs no network."
            )
    return folder


def corpus_of(options: argparse.Namespace, folder: Path) -> ndl.data.Corpus:
    """Return the texts as numbers. Raises: SystemExit, in words, for texts that can't be read."""
    try:
        return ndl.data.Corpus(folder, options.max_lines)
    except NeedleError as error:
        raise SystemExit(str(error)) from None


def in_columns(text: list[int]) -> np.ndarray:
    """Return a text as `batchify` lays it out. Raises: SystemExit, in words, for one that is too short."""
    try:
        columns = ndl.data.batchify(text, COLUMNS, ndl.default_device(), "float32")
        ndl.data.get_batch(columns, 0, STEPS)
    except NeedleError as error:
        raise SystemExit(str(error)) from None
    return columns


def model_of(kind: str, words: int) -> LanguageModel:
    """Return an untrained model for a dictionary of so many words."""
    np.random.seed(4)
    return LanguageModel(FEATURES, words, FEATURES, seq_model=kind, seq_len=STEPS)


def say(number: int, row: list[float]) -> None:
    """Print an epoch's figures; the perplexity is e to the power of the loss."""
    _, train_loss, test_accuracy, test_loss = row
    train, test = math.exp(train_loss), math.exp(test_loss)
    print(
        f"{number:5d} | {train_loss:10.4f} | {train:16.2f} | {test_loss:9.4f} | {test:15.2f} | "
        f"{test_accuracy:13.4f}",
        flush=True,
    )


def write_results(options: argparse.Namespace, dataset: str, rows: list[list[float]]) -> None:
    """Write the last figures, with the perplexity, and draw the losses, as the options ask."""
    if options.json:
        last = dict(zip(FIGURES, rows[-1], strict=True))
        said = {"dataset": dataset, "model": options.model, "epochs": len(rows), **last}
        said["test_perplexity"] = math.exp(last["test_loss"])
        options.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        losses = {"training text": [row[1] for row in rows], "test text": [row[3] for row in rows]}
        plot_losses(losses, len(rows), options.plot)


def main() -> None:
    parser = option_parser("Train a language model on the Penn Treebank.", epochs=5)
    options_of_text(parser)
    add_checkpoint_options(parser)
    options = parser.parse_args()
    folder = ptb_folder()
    dataset = announce("Penn Treebank", folder)
    corpus = corpus_of(options, folder)
    train, test = in_columns(corpus.train), in_columns(corpus.test)
    model = model_of(options.model, len(corpus.dictionary))
    opt = ndl.optim.Adam(model.parameters(), lr=RATES[options.model])
    rows = done_before(options, model, opt) or []
    print("epoch | train loss | train perplexity | test loss | test perplexity | test accuracy")
    for number, row in enumerate(rows, 1):
        say(number, row)
    for number in range(len(rows) + 1, options.epochs + 1):
        trained = epoch_general_ptb(train, model, STEPS, WatchedLoss(f"epoch {number}", train), opt, CLIP)
        tested = evaluate_ptb(model, test, STEPS, lambda: WatchedLoss("test", test))
        rows.append([*trained, *tested])
        say(number, rows[-1])
        if options.checkpoint:
            save_checkpoint(options.checkpoint, model, opt, rows)
    write_results(options, dataset, rows)


if __name__ == "__main__":
    main()
