import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def product(rng, m, n, p):
    """Return the product of two random matrices."""
    a, b = device.array(rng.normal(size=(m, n))), device.array(rng.normal(size=(n, p)))
    out = device.full((m, p), 99)
    device.matmul(a._handle, b._handle, out._handle, m, n, p)
    return out


@case()
def of_sizes_that_tiles_divide(rng):
    return product(rng, 64, 32, 32)


@case()
def of_any_sizes(rng):
    m, n, p = (int(side) for side in rng.integers(33, 60, size=3))
    return product(rng, m, n | 1, p)


@case()
def of_a_wide_and_a_narrow_matrix(rng):
    return product(rng, 3, 131, 70)


@case()
def of_a_column_and_a_row(rng):
    return product(rng, 45, 1, 37)
