import numpy as np

import needle as ndl
from grader import case


def stacked(rng, count, shape, *axes):
    """Return tensors stacked along some axes, and the tensors after that."""
    args = [ndl.Tensor(rng.normal(size=shape).astype(np.float32)) for _ in range(count)]
    return {"stacked": [ndl.stack(args, axis) for axis in axes], "args": args}


@case()
def of_rows(rng):
    return stacked(rng, 3, (4,), 0, 1)


@case()
def of_squares(rng):
    return stacked(rng, 3, (3, 3), 0, 1, 2)


@case()
def along_negative_axes(rng):
    return stacked(rng, 2, (2, 3, 2), -1, -2, -4)


@case()
def of_single_numbers(rng):
    return stacked(rng, 5, (), 0, -1)
