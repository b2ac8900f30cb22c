import pickle
import tempfile
from pathlib import Path

import numpy as np

import needle as ndl
from grader import case

NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def dataset(rng, counts, train, brightest=256):
    """Return a dataset of six files with so many pictures each, which are drawn."""
    with tempfile.TemporaryDirectory() as folder:
        for name, count in zip(NAMES, counts, strict=True):
            data = rng.integers(0, brightest, size=(count, 3072), dtype=np.uint8)
            labels = rng.integers(0, 10, size=count).tolist()
            Path(folder, name).write_bytes(pickle.dumps({b"data": data, b"labels": labels}, protocol=3))
        return ndl.data.CIFAR10Dataset(folder, train=train)


def contents(rng, made):
    """Return the labels, and of the pictures some pixels and weighted sums: all would be many numbers."""
    count = len(made.y)
    places = tuple(rng.integers(0, side, size=40) for side in (count, 3, 32, 32))
    weights = rng.uniform(0.5, 1.5, size=(3, 32, 32)) / 1024
    sums = (made.X * weights).sum(axis=(2, 3))
    form = f"{made.X.shape} {made.X.dtype} {made.y.shape} {made.y.dtype.kind in 'iu'}"
    labels = np.asarray(made.y).astype(np.int64)
    return {"pixels": made.X[places], "sums": sums, "labels": labels, "form": form}


@case()
def training_data(rng):
    return contents(rng, dataset(rng, (2, 2, 2, 2, 2, 2), train=True))


@case()
def test_data(rng):
    return contents(rng, dataset(rng, (1, 1, 1, 1, 1, 5), train=False))


@case()
def dark_batches_of_unlike_lengths(rng):
    return contents(rng, dataset(rng, (1, 3, 1, 2, 1, 2), train=True, brightest=90))
