import numpy as np

import needle as ndl
from grader import case


def divided(rng, scalar, *shape, dtype="float32"):
    """Return the quotient of a drawn tensor, and the tensor as it is after the call."""
    a = ndl.Tensor(rng.uniform(-3, 3, size=shape).astype(dtype))
    return {"quotient": ndl.divide_scalar(a, scalar), "a": a}


@case()
def by_a_fraction(rng):
    return divided(rng, float(rng.uniform(-0.9, -0.2)), 4, 5)


@case()
def by_a_scalar_of_numpys(rng):
    return divided(rng, np.float64(rng.uniform(2.1, 2.9)), 2, 3, 4)


@case()
def in_float64(rng):
    return divided(rng, 7, 6, dtype="float64")


@case()
def of_a_single_number(rng):
    return divided(rng, 3)
