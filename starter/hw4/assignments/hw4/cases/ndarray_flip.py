import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=ndl.cpu_numpy())


def flipped(a, *several):
    """Return an array flipped in several ways, and whether all of them lie where it lies."""
    found = [a.flip(axes) for axes in several]
    shares = all(one._handle is a._handle for one in found)
    return {"elements": [one.numpy() for one in found], "shares": shares, "before": list(a.strides)}


@case()
def of_a_matrix(rng):
    return flipped(drawn(rng, 3, 5), (0,), (1,), (0, 1))


@case()
def of_four_axes(rng):
    return flipped(drawn(rng, 2, 3, 4, 5), (2, 0), (-1, 1), -3)


@case()
def of_a_view(rng):
    a = drawn(rng, 30)
    return flipped(ndl.NDArray.make((2, 3, 4), (-12, 4, 1), a.device, a._handle, 13), (0,), (2, 1), (-3, -1))


@case()
def what_is_refused(rng):
    """Return which axes are refused, and the last outcome that was none."""
    a, refused = drawn(rng, 2, 3, 4), []
    for axes in [(0, 1), (3,), (-3,), (1, -4), (2, 0), (0, 7)]:
        try:
            taken = a.flip(axes)
        except ValueError:
            refused.append(list(axes))
    return {"refused": refused, "taken": taken.numpy()}
