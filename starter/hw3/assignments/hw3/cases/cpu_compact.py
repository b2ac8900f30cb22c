import math

import numpy as np

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cpu())


def in_the_middle(size):
    """Return some room with numbers in it, and an array that is the room but for its ends."""
    room = np.full(size + 16, 99, dtype=np.float32)
    return room, ndl.backend_ndarray.from_dlpack(room[8:-8])


def compact(rng, memory, shape, strides, offset):
    """Return what the kernel makes of a view of random memory, with what lies around, and its sum."""
    a, (room, out) = device.array(rng.normal(size=memory)), in_the_middle(math.prod(shape))
    device.compact(a._handle, out._handle, shape, strides, offset)
    return {"out": room, "a": float(np.abs(a.numpy()).sum())}


@case()
def of_a_transposed_block(rng):
    """Columns 3 to 39 of rows 2 to 22 of a 25 x 45 matrix, as rows."""
    return compact(rng, 25 * 45, [37, 21], [1, 45], 2 * 45 + 3)


@case()
def backwards_and_repeated(rng):
    return compact(rng, 200, [6, 3, 4], [-7, 0, -41], 180)


@case()
def of_five_axes_in_another_order(rng):
    return compact(rng, 362, [3, 2, 4, 5, 3], [1, 60, 15, 3, 120], 1)


@case()
def of_ten_axes(rng):
    return compact(rng, 1024, [2] * 10, [int(2**axis) for axis in (3, 0, 9, 5, 1, 8, 2, 7, 4, 6)], 0)
