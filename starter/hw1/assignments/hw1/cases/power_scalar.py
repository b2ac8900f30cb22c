import needle as ndl
from grader import case


def raised(rng, exponent, *shape, low=0.5, dtype="float32"):
    """Return the power of a drawn tensor, and the tensor as it is after the call."""
    a = ndl.Tensor(rng.uniform(low, 2, size=shape).astype(dtype))
    return {"power": ndl.power_scalar(a, exponent), "a": a}


@case()
def with_an_odd_exponent(rng):
    return raised(rng, 3, 4, 6, low=-2)


@case()
def with_a_fraction(rng):
    return raised(rng, float(rng.uniform(-1.9, -0.6)), 2, 3, 4)


@case()
def in_float64(rng):
    return raised(rng, 2.5, 7, dtype="float64")


@case()
def of_a_single_number(rng):
    return raised(rng, -2)
