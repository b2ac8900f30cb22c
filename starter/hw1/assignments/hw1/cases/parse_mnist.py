import gzip
import tempfile
from pathlib import Path

import numpy as np
from two_layer import parse_mnist

from grader import case


def parsed(rng, count, rows, columns):
    """Write idx files with random pixels and labels, and return what parse_mnist reads."""
    pixels = rng.integers(0, 180, size=count * rows * columns).astype(np.uint8)
    labels = rng.integers(0, 10, size=count).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "images.gz"), Path(folder, "labels.gz")
        contents = ([0x803, count, rows, columns], pixels), ([0x801, count], labels)
        for file, (header, data) in zip(files, contents, strict=True):
            file.write_bytes(gzip.compress(np.array(header, dtype=">i4").tobytes() + data.tobytes(), 1))
        X, y = parse_mnist(*map(str, files))
    return {"X": X, "y": y}


@case()
def images_of_four_by_seven(rng):
    return parsed(rng, 5, 4, 7)


@case()
def images_of_any_size(rng):
    return parsed(rng, int(rng.integers(2, 7)), int(rng.integers(1, 6)), int(rng.integers(2, 6)))


@case()
def images_of_the_real_size(rng):
    return parsed(rng, 2, 28, 28)
