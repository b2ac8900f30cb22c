import numpy as np

import needle as ndl
from grader import case


def flipped(images, p):
    """Return images after a transform, what they were given as, and NumPy's next draw."""
    flip = ndl.data.RandomFlipHorizontal(p)
    results = [np.array(flip(image)) for image in images]
    weights = np.arange(images.size).reshape(images.shape)
    return {"results": results, "following": np.random.rand(), "images": (images * weights).sum()}


@case()
def as_often_as_not(rng):
    return flipped(rng.normal(size=(12, 3, 4, 2)).astype(np.float32), 0.5)


@case()
def seldom(rng):
    return flipped(rng.normal(size=(20, 5, 3, 1)).astype(np.float32), 0.2)


@case()
def mostly_images_of_bytes(rng):
    return flipped(rng.integers(0, 256, size=(10, 2, 6, 3)).astype(np.uint8), 0.8)
