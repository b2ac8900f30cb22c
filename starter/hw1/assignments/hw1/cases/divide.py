import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape, dtype="float32"):
    """Return numbers of both signs, none of them near 0."""
    sizes = rng.uniform(0.5, 3, size=shape)
    return ndl.Tensor(np.where(rng.random(size=shape) < 0.5, -sizes, sizes).astype(dtype))


def divided(a, b):
    """Return the quotient, and the inputs as they are after the call."""
    return {"quotient": ndl.divide(a, b), "a": a, "b": b}


@case()
def of_matrices(rng):
    return divided(drawn(rng, 4, 5), drawn(rng, 4, 5))


@case()
def of_stacks_in_float64(rng):
    return divided(drawn(rng, 2, 3, 4, dtype="float64"), drawn(rng, 2, 3, 4, dtype="float64"))


@case()
def of_single_numbers(rng):
    return divided(drawn(rng), drawn(rng))
