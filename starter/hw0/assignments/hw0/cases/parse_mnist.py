import gzip
import tempfile
from pathlib import Path

import numpy as np
from simple_ml import parse_mnist

from grader import case


def parsed(rng, count, rows, columns):
    """Write idx files with random pixels and labels, and return what parse_mnist reads."""
    pixels = rng.integers(0, 180, size=count * rows * columns)
    labels = rng.integers(0, 10, size=count)
    with tempfile.TemporaryDirectory() as folder:
        images_file, labels_file = Path(folder, "images.gz"), Path(folder, "labels.gz")
        sizes = [2051, count, rows, columns]
        images_file.write_bytes(
            gzip.compress(np.array(sizes, dtype=">i4").tobytes() + bytes(pixels.tolist()))
        )
        sizes = [2049, count]
        labels_file.write_bytes(
            gzip.compress(np.array(sizes, dtype=">i4").tobytes() + bytes(labels.tolist()))
        )
        X, y = parse_mnist(str(images_file), str(labels_file))
    return {"X": X, "y": y}


@case()
def images_of_three_by_five(rng):
    return parsed(rng, 4, 3, 5)


@case()
def images_of_any_size(rng):
    return parsed(rng, int(rng.integers(2, 7)), int(rng.integers(1, 6)), int(rng.integers(2, 6)))


@case()
def an_image_of_the_real_size(rng):
    return parsed(rng, 1, 28, 28)
