import numpy as np

import needle as ndl
from grader import case


def logarithms(rng, low, high, *shape, dtype="float32"):
    """Return the logarithms of a drawn tensor, and the tensor as it is after the call."""
    a = ndl.Tensor(np.exp(rng.uniform(low, high, size=shape)).astype(dtype))
    return {"logarithms": ndl.log(a), "a": a}


@case()
def of_a_matrix(rng):
    return logarithms(rng, -1, 3, 4, 5)


@case()
def of_small_and_large_numbers(rng):
    return logarithms(rng, -40, 40, 2, 3, 4)


@case()
def of_small_numbers_in_float64(rng):
    return logarithms(rng, -12, -3, 6, dtype="float64")


@case()
def of_a_single_number(rng):
    return logarithms(rng, 1, 3)
