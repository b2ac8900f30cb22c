import numpy as np

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cpu())


def in_the_middle(size):
    """Return some room with numbers in it, and an array that is the room but for its ends."""
    room = np.full(size + 16, 99, dtype=np.float32)
    return room, ndl.backend_ndarray.from_dlpack(room[8:-8])


def summed(numbers, rows):
    """Return the sum of each row, with what lies around, and the numbers' own after it."""
    a, (room, out) = device.array(numbers), in_the_middle(rows)
    device.reduce_sum(a._handle, out._handle, a.size // rows)
    return {"out": room, "a": float(np.abs(a.numpy()).sum())}


@case()
def of_long_rows(rng):
    return summed(rng.uniform(-1, 3, size=(5, 1001)), 5)


@case()
def of_short_rows(rng):
    return summed(rng.normal(size=(123, 3)), 123)


@case()
def of_one_row(rng):
    return summed(rng.uniform(-1, 3, size=777), 1)
