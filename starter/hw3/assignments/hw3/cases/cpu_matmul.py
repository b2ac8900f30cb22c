import numpy as np

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cpu())


def in_the_middle(size):
    """Return some room with numbers in it, and an array that is the room but for its ends."""
    room = np.full(size + 16, 99, dtype=np.float32)
    return room, ndl.backend_ndarray.from_dlpack(room[8:-8])


def product(rng, m, n, p):
    """Return the product of two random matrices, with what lies around, and their sums after it."""
    a, b = device.array(rng.normal(size=(m, n))), device.array(rng.normal(size=(n, p)))
    room, out = in_the_middle(m * p)
    device.matmul(a._handle, b._handle, out._handle, m, n, p)
    return {"out": room, "sums": [float(np.abs(one.numpy()).sum()) for one in (a, b)]}


@case()
def of_square_matrices(rng):
    return product(rng, 32, 32, 32)


@case()
def of_sizes_that_nothing_divides(rng):
    return product(rng, 37, 53, 41)


@case()
def of_a_wide_and_a_narrow_matrix(rng):
    return product(rng, 3, 131, 70)


@case()
def of_a_column_and_a_row(rng):
    return product(rng, 45, 1, 37)
