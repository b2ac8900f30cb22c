import needle as ndl
from grader import case


def transposed(rng, axes, *shape, dtype="float32"):
    """Return a drawn tensor transposed, and the tensor as it is after the call."""
    a = ndl.Tensor(rng.normal(size=shape).astype(dtype))
    return {"transposed": ndl.transpose(a, axes), "a": a}


@case()
def of_matrices(rng):
    return {"by default": transposed(rng, None, 3, 5), "named": transposed(rng, (0, 1), 4, 4)}


@case()
def of_a_stack_by_default(rng):
    return transposed(rng, None, 2, 3, 4, dtype="float64")


@case()
def of_the_outer_axes(rng):
    return {"first and last": transposed(rng, (0, 2), 3, 4, 5), "turned": transposed(rng, (3, 1), 2, 3, 2, 4)}


@case()
def of_axes_counted_from_the_end(rng):
    return {"both": transposed(rng, (-1, -3), 2, 3, 4), "one": transposed(rng, (0, -2), 3, 2, 4)}
