"""What the training programs share: where MNIST lies, options, tables of figures and plots."""

import argparse
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

NAMES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
Figures = tuple[float, float, float, float]  # train error, train loss, test error, test loss


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
    return announce("MNIST", mnist_folder(data_dir()))


def announce(title: str, folder: Path) -> str:
    """Print whether a dataset's folder holds real data or a stand-in, and return "real" or "synthetic"."""
    dataset = "synthetic" if (folder / "SYNTHETIC.txt").exists() else "real"
    said = f"real {title}" if dataset == "real" else f"the synthetic stand-in for {title}"
    print(f"Data: {said}, from {folder}")
    return dataset


def option_parser(description: str, epochs: int = 10) -> argparse.ArgumentParser:
    """Return a parser of the options that all programs have, to which one may add its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw the losses to FILE, a PNG")
    return parser


def parse_options(description: str) -> argparse.Namespace:
    return option_parser(description).parse_args()


def progress(steps: Iterable[Any], description: str) -> Iterable[Any]:
    """Return the steps with a bar that shows how many are done, where there is a terminal to show it."""
    return tqdm(steps, desc=description, leave=False, disable=None)


def write_results(
    options: argparse.Namespace, dataset: str, figures: Figures, losses: Mapping[str, Sequence[float]]
) -> None:
    """Write the last figures as JSON, and draw the losses of each kind of data, as the options ask."""
    if options.json:
        names = ("train_error", "train_loss", "test_error", "test_loss")
        numbers = map(float, figures)  # JSON knows no numbers of NumPy's
        said = {"dataset": dataset, "epochs": options.epochs, **dict(zip(names, numbers, strict=True))}
        options.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        plot_losses(losses, options.epochs, options.plot)


def plot_losses(losses: Mapping[str, Sequence[float]], epochs: int, file: Path) -> None:
    """Draw losses over the epochs, as a PNG. A row that is shorter than that belongs to the last ones."""
    from matplotlib.figure import Figure  # slow to import, and only a plot needs it

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for label, row in losses.items():
        axes.plot(range(epochs - len(row) + 1, epochs + 1), row, marker="o", label=label)
    axes.set(xlabel="epoch", ylabel="softmax loss", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    figure.savefig(file, format="png")
