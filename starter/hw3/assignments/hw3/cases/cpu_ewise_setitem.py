import math

import numpy as np

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cpu())


def in_the_middle(numbers):
    """Return room three times as large as some numbers, and an array in its middle that holds them."""
    room = np.full(3 * len(numbers), -7, dtype=np.float32)
    middle = room[len(numbers) : -len(numbers)]
    middle[:] = numbers
    return room, ndl.backend_ndarray.from_dlpack(middle)


def written(rng, memory, shape, strides, offset):
    """Return random memory, a view of which was overwritten, with what lies around, and a sum."""
    a, (room, out) = device.array(rng.normal(size=math.prod(shape))), in_the_middle(rng.normal(size=memory))
    device.ewise_setitem(a._handle, out._handle, shape, strides, offset)
    return {"out": room, "a": float(np.abs(a.numpy()).sum())}


@case()
def to_a_block_of_a_matrix(rng):
    return written(rng, 25 * 45, [21, 37], [45, 1], 2 * 45 + 3)


@case()
def backwards_and_transposed(rng):
    return written(rng, 200, [5, 7], [-2, -20], 180)


@case()
def to_five_axes_in_another_order(rng):
    return written(rng, 400, [3, 2, 4, 5, 3], [1, 60, 15, 3, 120], 1)
