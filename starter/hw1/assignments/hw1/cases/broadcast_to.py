import needle as ndl
from grader import case


def widened(rng, wide, *shape, dtype="float32"):
    """Return a drawn tensor in a wider shape, and as it is after the call."""
    a = ndl.Tensor(rng.normal(size=shape).astype(dtype))
    return {"wide": ndl.broadcast_to(a, wide), "a": a}


@case()
def along_new_axes(rng):
    return {"one": widened(rng, (4, 4), 4), "two": widened(rng, (2, 3, 2, 2), 2, 2)}


@case()
def along_axes_of_length_one(rng):
    return {"last": widened(rng, (3, 4), 3, 1), "first and last": widened(rng, (2, 3, 4), 1, 3, 1)}


@case()
def along_both(rng):
    return widened(rng, (2, 3, 4), 3, 1, dtype="float64")


@case()
def of_a_single_number(rng):
    return {"matrix": widened(rng, (2, 3)), "row": widened(rng, (1,))}
