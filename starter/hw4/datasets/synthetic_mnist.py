"""Stand-ins for MNIST and Fashion-MNIST: the published file format and sizes, our own pictures.

The numbers come from NumPy's PCG64 generator with a fixed seed, so every run writes the same pictures.
"""

import gzip
import struct
from pathlib import Path

import numpy as np
from drawing import CANVAS, MARGIN
from garments import wardrobe
from glyphs import handwritings

SEED = 20_240_901
SIDE = 28
TRAIN, TEST = 60_000, 10_000
HANDS = 48  # drawings of each class, before the affine maps
BATCH = 2_000  # pictures warped at once: bounds the memory


def random_maps(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw affine maps from a picture's pixels to the canvas's.

    Shapes: (count, 2, 2) and (count, 2), in x, y order.
    """
    angle = rng.normal(scale=0.15, size=count)
    shear = rng.normal(scale=0.18, size=count)
    width, height = rng.uniform(0.42, 0.72, size=count), rng.uniform(0.58, 0.82, size=count)
    cos, sin = np.cos(angle), np.sin(angle)
    forward = np.empty((count, 2, 2))  # unit square -> share of the picture's side
    forward[:, 0, 0], forward[:, 0, 1] = cos * width, (shear * cos - sin) * height
    forward[:, 1, 0], forward[:, 1, 1] = sin * width, (shear * sin + cos) * height
    inverse = np.linalg.inv(forward) / SIDE * (CANVAS / (1 + 2 * MARGIN))
    shift = rng.normal(scale=1.0, size=(count, 2))  # pixels of the picture
    middle = (SIDE - 1) / 2 + shift
    return inverse, (CANVAS - 1) / 2 - np.einsum("nij,nj->ni", inverse, middle)


def warp(canvases: np.ndarray, matrix: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Sample each canvas bilinearly under its own affine map; outside lies paper.

    Shapes: (N, CANVAS, CANVAS), (N, 2, 2), (N, 2) -> (N, SIDE * SIDE)
    """
    row, column = np.divmod(np.arange(SIDE * SIDE, dtype=np.float32), np.float32(SIDE))
    grid = np.stack([column, row])
    at = matrix.astype(np.float32) @ grid + offset.astype(np.float32)[:, :, None]
    np.clip(at, 0, CANVAS - 1.001, out=at)  # the canvas's rim is paper
    corner = at.astype(np.int32)
    at -= corner
    x, y = at[:, 0], at[:, 1]
    first = np.arange(len(canvases), dtype=np.int32)[:, None] * (CANVAS * CANVAS)
    first = first + corner[:, 1] * CANVAS + corner[:, 0]
    flat = canvases.ravel()
    top = flat[first] * (1 - x) + flat[first + 1] * x
    bottom = flat[first + CANVAS] * (1 - x) + flat[first + CANVAS + 1] * x
    return top * (1 - y) + bottom * y


def expose(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn ink into grey levels, with uneven pens and a grainy scan."""
    ink *= rng.uniform(0.75, 1.15, size=(len(ink), 1)).astype(np.float32)
    ink += ink * rng.standard_normal(ink.shape, dtype=np.float32) * np.float32(0.15)
    return (np.clip(ink, 0, 1) * 255).astype(np.uint8)


def pictures(bank: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make pictures of random classes from a bank of drawings.

    Shapes: bank (10, hands, CANVAS, CANVAS) -> (count, SIDE * SIDE) and (count,), both uint8
    """
    images, labels = np.empty((count, SIDE * SIDE), np.uint8), rng.integers(10, size=count, dtype=np.uint8)
    for start in range(0, count, BATCH):
        classes = labels[start : start + BATCH]
        canvases = bank[classes, rng.integers(bank.shape[1], size=len(classes))]
        images[start : start + BATCH] = expose(warp(canvases, *random_maps(rng, len(classes))), rng)
    return images, labels


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write bytes as a gzipped idx file; the same array always gives the same file."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed:
        packed.write(header)
        packed.write(array.tobytes())


def write(folder: Path, bank: np.ndarray, rng: np.random.Generator, train: int, test: int) -> None:
    """Write the four files of a set of pictures."""
    for part, count in (("train", train), ("t10k", test)):
        images, labels = pictures(bank, count, rng)
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images.reshape(count, SIDE, SIDE))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)


def write_digits(folder: Path, train: int = TRAIN, test: int = TEST) -> None:
    """Write the stand-in for MNIST."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    write(folder, handwritings(rng, HANDS), rng, train, test)


def write_garments(folder: Path, train: int = TRAIN, test: int = TEST) -> None:
    """Write the stand-in for Fashion-MNIST."""
    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    write(folder, wardrobe(rng, HANDS), rng, train, test)
