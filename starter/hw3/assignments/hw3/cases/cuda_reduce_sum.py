import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def summed(numbers):
    """Return the sum of each row."""
    a, out = device.array(numbers), device.full(numbers.shape[:1], 99)
    device.reduce_sum(a._handle, out._handle, numbers.shape[1])
    return out


@case()
def of_long_rows(rng):
    return summed(rng.uniform(-1, 3, size=(5, 777)))


@case()
def of_many_short_rows(rng):
    return summed(rng.normal(size=(300, 7)))


@case()
def of_rows_as_long_as_a_block_has_threads(rng):
    return summed(rng.uniform(-1, 3, size=(3, 256)))
