"""What the training programs share: where MNIST lies, options, tables of figures and plots."""

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

NAMES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
HEADER = "epoch | train error | train loss | test error | test loss"

Row = tuple[float, float, float, float]  # an epoch's figures, in the header's order


def mnist_files(data_dir: str | Path, part: str) -> tuple[Path, Path]:
    """Return the files of images and labels of the part "train" or "test", in a folder or its mnist/.

    Raises: SystemExit, with what to do, when a file is missing.
    """
    folder = mnist_folder(data_dir)
    images, labels = (folder / name for name in NAMES[part])
    for path in (images, labels):
        if not path.exists():
            raise SystemExit(
                f"{path}: not found. Run `make data DATASET=mnist`, "
                f"or `make data DATASET=mnist SYNTHETIC=1` for a stand-in that needs no network."
            )
    return images, labels


def mnist_folder(data_dir: str | Path) -> Path:
    """Return the folder with the files: the one named when they lie there, and its mnist/ otherwise."""
    named = Path(data_dir)
    return named if (named / NAMES["train"][0]).exists() else named / "mnist"


def data_dir() -> Path:
    """Return the folder of all datasets: that of NEEDLE_DATA_DIR, or data/."""
    return Path(os.environ.get("NEEDLE_DATA_DIR", "data"))


def announce_mnist() -> str:
    """Print which MNIST is there, and return "real" or "synthetic"."""
    folder = mnist_folder(data_dir())
    dataset = "synthetic" if (folder / "SYNTHETIC.txt").exists() else "real"
    print(f"Data: {'real MNIST' if dataset == 'real' else 'the synthetic stand-in for MNIST'}, from {folder}")
    return dataset


def parse_options(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw the losses to FILE, a PNG")
    return parser.parse_args()


def progress(steps: Iterable[Any], description: str) -> Iterable[Any]:
    """Return the steps with a bar that shows how many are done, where there is a terminal to show it."""
    return tqdm(steps, desc=description, leave=False, disable=None)


def show_row(number: int, row: Row) -> None:
    print("{:5d} | {:11.4f} | {:10.4f} | {:10.4f} | {:9.4f}".format(number, *row), flush=True)


def write_results(options: argparse.Namespace, dataset: str, rows: Sequence[Row]) -> None:
    """Write the last epoch's figures as JSON, and draw all epochs' losses, as the options ask."""
    if options.json:
        names = ("train_error", "train_loss", "test_error", "test_loss")
        figures = {"dataset": dataset, "epochs": len(rows), **dict(zip(names, rows[-1], strict=True))}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        plot_losses(rows, options.plot)


def plot_losses(rows: Sequence[Row], file: Path) -> None:
    """Draw the losses of training and test data over the epochs, as a PNG."""
    from matplotlib.figure import Figure  # slow to import, and only a plot needs it

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    numbers = range(1, len(rows) + 1)
    axes.plot(numbers, [row[1] for row in rows], marker="o", label="training data")
    axes.plot(numbers, [row[3] for row in rows], marker="o", label="test data")
    axes.set(xlabel="epoch", ylabel="softmax loss", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    figure.savefig(file, format="png")
