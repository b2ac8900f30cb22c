import pickle
import tempfile
from pathlib import Path

import numpy as np

import needle as ndl
from grader import case


def dataset(rng, count, transforms=None):
    """Return a dataset of pictures and labels that are drawn, through a file."""
    data = rng.integers(0, 180, size=(count, 3072), dtype=np.uint8)
    labels = rng.integers(0, 10, size=count).tolist()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_batch").write_bytes(pickle.dumps({b"data": data, b"labels": labels}, protocol=3))
        return ndl.data.CIFAR10Dataset(folder, train=False, transforms=transforms)


def digest(rng, item):
    """Return the labels, and of the pictures some pixels and weighted sums: all would be many numbers."""
    pictures, labels = item
    places = tuple(rng.integers(0, side, size=20) for side in (3, 32, 32))
    weights = rng.uniform(0.5, 1.5, size=(3, 32, 32)) / 1024
    form = f"{pictures.shape} {pictures.dtype}"
    pixels, sums = pictures[(..., *places)], (pictures * weights).sum(axis=(-1, -2))
    return {"pixels": pixels, "sums": sums, "labels": np.asarray(labels).astype(np.int64), "form": form}


def striped(picture):
    """Tell rows, columns and channels apart."""
    rows, columns, channels = picture.shape
    stripes = np.arange(rows, dtype=np.float32)[:, None, None] / 8 + np.arange(columns)[:, None] % 3
    return (picture + stripes * (1 + np.arange(channels))).astype(np.float32)


def up_by_a_row(picture):
    return np.concatenate([picture[1:], picture[:1]])


def darkest(picture):
    return picture - picture.min()


@case()
def one_by_one(rng):
    made = dataset(rng, 4)
    return {"items": [digest(rng, made[at]) for at in (2, 0, 3)], "length": len(made)}


@case()
def several_at_once(rng):
    made = dataset(rng, 6)
    asked = rng.permutation(6)[:4]
    return {"slice": digest(rng, made[1:5]), "array": digest(rng, made[asked]), "length": len(made)}


@case()
def through_transforms(rng):
    made = dataset(rng, 4, transforms=[striped, up_by_a_row, darkest])
    items = {"one": made[1], "slice": made[2:4], "array": made[np.array([3, 1])], "again": made[1]}
    return {name: digest(rng, item) for name, item in items.items()}
