import needle as ndl
from grader import case


def powers(rng, low, high, *shape, dtype="float32"):
    """Return the powers of e of a drawn tensor, and the tensor as it is after the call."""
    a = ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))
    return {"powers": ndl.exp(a), "a": a}


@case()
def of_a_matrix(rng):
    return powers(rng, -2, 2, 4, 5)


@case()
def of_large_numbers_in_float64(rng):
    return powers(rng, 5, 20, 2, 3, 2, dtype="float64")


@case()
def of_a_single_number(rng):
    return powers(rng, -1.5, -0.1)
