import math

import numpy as np

import needle as ndl
from grader import case


def written(rng, memory, shape, strides, offset):
    """Return random memory after other random numbers were written to a view of it, and their sum."""
    device = ndl.cpu()
    a, out = device.array(rng.normal(size=math.prod(shape))), device.array(rng.normal(size=memory))
    device.ewise_setitem(a._handle, out._handle, shape, strides, offset)
    return {"out": out, "a": float(np.abs(a.numpy()).sum())}


@case()
def to_a_block_of_a_matrix(rng):
    return written(rng, 25 * 45, [21, 37], [45, 1], 2 * 45 + 3)


@case()
def backwards_and_transposed(rng):
    return written(rng, 200, [5, 7], [-2, -20], 180)


@case()
def to_five_axes_in_another_order(rng):
    return written(rng, 400, [3, 2, 4, 5, 3], [1, 60, 15, 3, 120], 1)
