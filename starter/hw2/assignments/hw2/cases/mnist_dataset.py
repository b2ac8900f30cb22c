import gzip
import tempfile
from pathlib import Path

import numpy as np

import needle as ndl
from grader import case


def dataset(rng, count, rows, columns, transforms=None):
    """Return a dataset of images and labels that are drawn, through files."""
    pixels = rng.integers(0, 180, size=count * rows * columns)
    labels = rng.integers(0, 10, size=count)
    with tempfile.TemporaryDirectory() as folder:
        images_file, labels_file = Path(folder, "images.gz"), Path(folder, "labels.gz")
        header = np.array([2051, count, rows, columns], dtype=">i4").tobytes()
        images_file.write_bytes(gzip.compress(header + bytes(pixels.tolist())))
        header = np.array([2049, count], dtype=">i4").tobytes()
        labels_file.write_bytes(gzip.compress(header + bytes(labels.tolist())))
        return ndl.data.MNISTDataset(str(images_file), str(labels_file), transforms=transforms)


def transposed(image):
    height, width, channels = image.shape
    return np.transpose(image, (1, 0, 2)) * np.float32(height + 2 * width + 5 * channels)


def darkest(image):
    return image - image.min()


@case()
def one_by_one(rng):
    made = dataset(rng, 4, 3, 5)
    items = [made[at] for at in (2, 0, 3)]
    images, labels = zip(*items, strict=True)
    return {"images": images, "labels": np.array(labels), "length": len(made)}


@case()
def several_at_once(rng):
    made = dataset(rng, 6, 4, 2)
    asked = rng.permutation(6)[:4]
    return {"slice": made[1:5], "array": made[asked], "length": len(made)}


@case()
def through_transforms(rng):
    made = dataset(rng, 5, 2, 3, transforms=[transposed, darkest])
    return {"one": made[1][0], "slice": made[2:4], "array": made[np.array([4, 1])], "again": made[1][0]}


@case()
def images_of_the_real_size(rng):
    made = dataset(rng, 2, 28, 28)
    return {"first": made[0][0], "batch": made.batch(np.array([1, 0]))}
