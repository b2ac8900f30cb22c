import numpy as np

import needle as ndl
from grader import case


def apart(rng, shape, *axes):
    """Return a tensor split along some axes, and the tensor after that."""
    a = ndl.Tensor(rng.normal(size=shape).astype(np.float32))
    return {"pieces": [list(ndl.split(a, axis)) for axis in axes], "a": a}


@case()
def of_a_matrix(rng):
    return apart(rng, (3, 4), 0, 1)


@case()
def of_a_cube(rng):
    return apart(rng, (3, 3, 3), 0, 1, 2)


@case()
def along_negative_axes(rng):
    return apart(rng, (2, 3, 2, 4), -1, -2, -4)


@case()
def of_a_row(rng):
    return apart(rng, (5,), 0)
