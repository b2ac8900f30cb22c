import needle as ndl
from grader import case


def drawn(rng, low, high, *shape, dtype="float32"):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def raised(a, b):
    """Return the power, and the inputs as they are after the call."""
    return {"power": ndl.power(a, b), "a": a, "b": b}


@case()
def of_matrices(rng):
    return raised(drawn(rng, 0.5, 3, 4, 5), drawn(rng, -2, 3, 4, 5))


@case()
def of_stacks_in_float64(rng):
    return raised(drawn(rng, 0.2, 2, 2, 3, 4, dtype="float64"), drawn(rng, -3, 3, 2, 3, 4, dtype="float64"))


@case()
def of_single_numbers(rng):
    return raised(drawn(rng, 1.5, 3), drawn(rng, -2, -1))
