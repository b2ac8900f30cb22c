import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def convolved(rng, images, kernel, stride, padding):
    """Return a convolution of drawn numbers, and what became of its inputs."""
    a, b = drawn(rng, *images), drawn(rng, *kernel)
    y = ndl.conv(a, b, stride, padding)
    return {"y": y, "a": a, "b": b}


@case()
def with_a_margin(rng):
    return convolved(rng, (2, 5, 6, 3), (3, 3, 3, 4), 1, 1)


@case()
def with_a_stride_and_a_remainder(rng):
    return convolved(rng, (3, 8, 6, 2), (3, 3, 2, 3), 2, 0)


@case()
def with_a_large_stride_and_margin(rng):
    return convolved(rng, (1, 7, 5, 4), (3, 2, 4, 2), 3, 2)


@case()
def of_a_view(rng):
    """Images that come with their channels first, as a layer gets them, and a single number as a kernel."""
    images = ndl.transpose(ndl.transpose(drawn(rng, 2, 3, 4, 5), (1, 2)), (2, 3))
    parts = {"3 x 3": ndl.conv(images, drawn(rng, 3, 3, 3, 2))}
    return {**parts, "1 x 1": ndl.conv(images, drawn(rng, 1, 1, 3, 2), 2, 0)}
