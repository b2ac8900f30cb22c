import math

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def written(rng, memory, shape, strides, offset):
    """Return random numbers, a view of which was overwritten with another one."""
    out = device.array(rng.normal(size=memory))
    device.scalar_setitem(math.prod(shape), float(rng.normal()), out._handle, shape, strides, offset)
    return out


@case()
def a_block_of_a_matrix(rng):
    """Rows 2 to 22, columns 3 to 39 of a 25 x 45 matrix: four blocks, the last partly filled."""
    return written(rng, 25 * 45, [21, 37], [45, 1], 2 * 45 + 3)


@case()
def backwards_and_transposed(rng):
    rows, columns = (int(side) for side in rng.integers(15, 25, size=2))
    return written(rng, rows * columns + 4, [columns - 3, rows - 2], [-1, columns], columns + 1)


@case()
def of_eight_axes(rng):
    strides, step = [0] * 8, 1
    for place in rng.permutation(8):
        strides[place] = step
        step *= 3 if place % 2 else 2
    return written(rng, step, [2] * 8, strides, 0)
