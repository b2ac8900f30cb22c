import numpy as np

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cpu())


def product(rng, m, n, p):
    """Return the product of two random matrices, all in tiles, and their sums after it."""
    a, b = (
        device.array(rng.normal(size=(rows // 8, columns // 8, 8, 8))) for rows, columns in ((m, n), (n, p))
    )
    out = device.full((m // 8, p // 8, 8, 8), 99)
    device.matmul_tiled(a._handle, b._handle, out._handle, m, n, p)
    return {"out": out, "sums": [float(np.abs(one.numpy()).sum()) for one in (a, b)]}


@case()
def of_one_tile(rng):
    return product(rng, 8, 8, 8)


@case()
def of_a_row_and_a_column_of_tiles(rng):
    return product(rng, 8, 40, 8)


@case()
def of_a_column_and_a_row_of_tiles(rng):
    return product(rng, 24, 8, 40)


@case()
def of_unequal_numbers_of_tiles(rng):
    return product(rng, 24, 40, 32)
