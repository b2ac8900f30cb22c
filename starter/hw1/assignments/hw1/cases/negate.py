import needle as ndl
from grader import case


def negated(rng, *shape, dtype="float32"):
    """Return a drawn tensor negated, and as it is after the call."""
    a = ndl.Tensor(rng.uniform(-3, 3, size=shape).astype(dtype))
    return {"negated": ndl.negate(a), "a": a}


@case()
def of_a_matrix(rng):
    return negated(rng, 4, 5)


@case()
def of_a_stack_in_float64(rng):
    return negated(rng, 2, 3, 4, dtype="float64")


@case()
def of_a_single_number(rng):
    return negated(rng)
