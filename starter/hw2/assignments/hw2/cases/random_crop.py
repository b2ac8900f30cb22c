import numpy as np

import needle as ndl
from grader import case


def cropped(images, **settings):
    """Return images after a transform, what they were given as, and NumPy's next draw."""
    crop = ndl.data.RandomCrop(**settings)
    results = [np.array(crop(image)) for image in images]
    weights = np.arange(images.size).reshape(images.shape)
    return {"results": results, "following": np.random.rand(), "images": (images * weights).sum()}


@case()
def by_two_pixels_at_most(rng):
    return cropped(rng.normal(size=(8, 5, 6, 2)).astype(np.float32), padding=2)


@case()
def by_the_default_padding(rng):
    return cropped(rng.normal(size=(6, 8, 5, 1)).astype(np.float32))


@case()
def further_than_the_image_is_wide(rng):
    return cropped(rng.integers(1, 256, size=(10, 3, 2, 3)).astype(np.uint8), padding=4)
