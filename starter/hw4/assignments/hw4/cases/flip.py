import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def flipped(rng, shape, axes):
    """Return a flipped tensor, its gradient, what the gradient's graph gives elsewhere, and the tensor."""
    a = ndl.Tensor(rng.normal(size=shape).astype(np.float32))
    out_grad = ndl.Tensor(rng.normal(size=shape).astype(np.float32))
    y = ndl.flip(a, axes)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    elsewhere = replay(part, {id(out_grad): (out_grad * out_grad).realize_cached_data()})
    return {"flipped": y, "gradient": part, "elsewhere": elsewhere, "a": a}


@case()
def along_one_axis(rng):
    return flipped(rng, (3, 4), (0,))


@case()
def along_two_axes_of_images(rng):
    return flipped(rng, (2, 3, 4, 2), (1, 2))


@case()
def along_the_last_axis(rng):
    return flipped(rng, (3, 3, 3), -1)
