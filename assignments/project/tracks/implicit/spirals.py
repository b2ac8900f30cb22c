"""Points on two spirals that wind round each other."""

import numpy as np

TURNS, NOISE = 1.25, 0.03


def spirals(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points, and which of the two spirals each is on.

    Shapes: points (count, 2) float32, labels (count,) of 0 and 1.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size=count)
    way = np.sqrt(rng.uniform(0.02, 1, size=count))  # along the spiral; the square root spaces them evenly
    angle = 2 * np.pi * TURNS * way + np.pi * labels
    points = way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (points + rng.normal(scale=NOISE, size=points.shape)).astype("float32"), labels
