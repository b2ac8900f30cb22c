import math

import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def compact(rng, memory, shape, strides, offset):
    """Return what the kernel makes of a view of random memory."""
    a, out = device.array(rng.normal(size=memory)), device.full((math.prod(shape),), -7)
    device.compact(a._handle, out._handle, shape, strides, offset)
    return out


@case()
def a_transposed_slice(rng):
    """Columns 3 to 39 of rows 2 to 22 of a 25 x 45 matrix, as rows: four blocks, the last partly filled."""
    return compact(rng, 25 * 45, [37, 21], [1, 45], 2 * 45 + 3)


@case()
def backwards_and_repeated(rng):
    rows, columns = (int(side) for side in rng.integers(10, 20, size=2))
    return compact(rng, rows * columns, [columns, 3, rows], [-1, 0, columns], columns - 1)


@case()
def of_eight_axes(rng):
    axes = [int(axis) for axis in rng.permutation(8)]
    shape = [2 + (axis % 2) * (axis > 5) for axis in axes]
    strides, step = [0] * 8, 1
    for place in rng.permutation(8):
        strides[place] = step
        step *= shape[place]
    return compact(rng, step, shape, strides, 0)
