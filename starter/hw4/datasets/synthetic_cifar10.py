"""A stand-in for CIFAR-10: coloured shapes and textures in the published file format and size.

The numbers come from NumPy's PCG64 generator with a fixed seed, so every run writes the same pictures.
The labels keep the published names, though a class here is a shape: disc, ring, square, frame, triangle,
cross, diamond, two discs, stripes, checks.
"""

from pathlib import Path

import batch_pickle
import numpy as np

SEED = 20_240_903
SIDE = 32
BATCHES = 5  # of training pictures; the test pictures are one more
PICTURES = 10_000  # in each batch
CHUNK = 1_000  # pictures drawn at once: bounds the memory
NAMES = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship", b"truck"]


def _triangle(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(y - 0.6, 0.87 * np.abs(x) - 0.5 * y - 0.55)


def _cross(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    wide, narrow = np.maximum(abs(x), abs(y)), np.minimum(abs(x), abs(y))
    return np.maximum(wide - 0.95, narrow - 0.3)


# Class k at a point (x, y) of about -1 .. 1: negative within the shape, in units of length near its edge.
SHAPES = [
    lambda x, y: np.hypot(x, y) - 0.85,
    lambda x, y: abs(np.hypot(x, y) - 0.7) - 0.2,
    lambda x, y: np.maximum(abs(x), abs(y)) - 0.75,
    lambda x, y: abs(np.maximum(abs(x), abs(y)) - 0.68) - 0.17,
    _triangle,
    _cross,
    lambda x, y: abs(x) * 0.85 + abs(y) * 0.5 - 0.55,
    lambda x, y: np.hypot(abs(x) - 0.55, y) - 0.42,
    lambda x, y: np.maximum(0.18 * np.sin(9 * x), np.maximum(abs(x), abs(y)) - 1),
    lambda x, y: np.maximum(0.18 * np.sin(6 * x) * np.sin(6 * y), np.maximum(abs(x), abs(y)) - 1),
]


def pixel_grid() -> np.ndarray:
    """Return the pixels' places.

    Shapes: (2, SIDE * SIDE), x first, each -1 .. 1.
    """
    axis = ((np.arange(SIDE) + 0.5) / SIDE * 2 - 1).astype(np.float32)
    return np.stack([np.tile(axis, SIDE), np.repeat(axis, SIDE)])


def column(rng: np.random.Generator, count: int, low: float, high: float) -> np.ndarray:
    """Draw one number a picture, to be spread over its pixels."""
    return rng.uniform(low, high, size=(count, 1)).astype(np.float32)


def masks(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw each label's shape turned, scaled and moved; the edge fades over about one pixel.

    Shapes: (N,) -> (N, SIDE * SIDE)
    """
    x, y = pixel_grid()
    count = len(labels)
    angle, scale = column(rng, count, -0.45, 0.45), column(rng, count, 1.05, 1.9)
    x, y = x - column(rng, count, -0.3, 0.3), y - column(rng, count, -0.3, 0.3)
    x, y = scale * (np.cos(angle) * x - np.sin(angle) * y), scale * (np.sin(angle) * x + np.cos(angle) * y)
    distance = np.empty_like(x)
    for label, shape in enumerate(SHAPES):
        mine = labels == label
        distance[mine] = shape(x[mine], y[mine])
    return np.clip(0.5 - distance * (SIDE / 2) / scale, 0, 1)


def cloths(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw coloured surfaces: a colour, faint waves over it, and light from one side.

    Shapes: (count, 3, SIDE * SIDE)
    """
    x, y = pixel_grid()
    waves = np.sin(column(rng, count, -9, 9) * x + column(rng, count, -9, 9) * y + column(rng, count, 0, 6))
    shade = 1 + column(rng, count, 0, 0.25) * waves + column(rng, count, -0.3, 0.3) * x
    colour = rng.uniform(0.1, 0.95, size=(count, 3, 1)).astype(np.float32)
    return colour * shade[:, None, :]


def pictures(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a picture for each label.

    Shapes: (N,) -> (N, 3 * SIDE * SIDE), uint8, red plane first
    """
    mask = masks(labels, rng)[:, None, :]
    front, back = cloths(len(labels), rng), cloths(len(labels), rng)
    image = back + (front - back) * mask
    image += rng.standard_normal(image.shape, dtype=np.float32) * np.float32(0.06)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8).reshape(len(labels), -1)


def write_batch(path: Path, title: str, count: int, rng: np.random.Generator) -> None:
    """Write one batch file."""
    labels = rng.integers(10, size=count)
    data = np.concatenate([pictures(labels[at : at + CHUNK], rng) for at in range(0, count, CHUNK)])
    names = [b"%s_s_%06d.png" % (NAMES[label], number) for number, label in enumerate(labels.tolist())]
    batch = {b"data": data, b"labels": labels.tolist(), b"batch_label": title.encode(), b"filenames": names}
    path.write_bytes(batch_pickle.dumps(batch))


def write(folder: Path, count: int = PICTURES) -> None:
    """Write the five training batches, the test batch and the names of the labels."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    for number in range(1, BATCHES + 1):
        write_batch(folder / f"data_batch_{number}", f"training batch {number} of {BATCHES}", count, rng)
    write_batch(folder / "test_batch", "testing batch 1 of 1", count, rng)
    meta = {b"num_cases_per_batch": count, b"label_names": NAMES, b"num_vis": 3 * SIDE * SIDE}
    (folder / "batches.meta").write_bytes(batch_pickle.dumps(meta))
