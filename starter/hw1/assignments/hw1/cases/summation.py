import needle as ndl
from grader import case


def summed(rng, axes, *shape, dtype="float32"):
    """Return the sums of a drawn tensor, and the tensor as it is after the call."""
    a = ndl.Tensor(rng.uniform(0.5, 2, size=shape).astype(dtype))
    return {"sums": ndl.summation(a, axes), "a": a}


@case()
def over_all_axes(rng):
    return {"matrix": summed(rng, None, 4, 5), "single number": summed(rng, None)}


@case()
def over_one_axis(rng):
    return [summed(rng, axis, 3, 4, 5) for axis in (0, 1, -1)]


@case()
def over_several_axes(rng):
    pairs = {"first and last": (0, 2), "first two": (0, 1), "from behind": (2, 1)}
    return {name: summed(rng, axes, 3, 4, 5) for name, axes in pairs.items()}


@case()
def over_axes_counted_from_the_end(rng):
    return {
        "two": summed(rng, (-1, 0), 2, 3, 4, dtype="float64"),
        "three": summed(rng, (1, -1, -4), 2, 3, 2, 4),
    }
