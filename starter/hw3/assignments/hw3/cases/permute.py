import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=ndl.cpu_numpy())


def permuted(a, axes):
    """Return an array with its axes in another order, and whether it still lies where it lay."""
    b = a.permute(axes)
    place = [*b.strides, b._offset]
    return {"elements": b.numpy(), "place": place, "shares": b._handle is a._handle, "before": list(a.shape)}


@case()
def of_a_matrix(rng):
    return permuted(drawn(rng, 3, 5), (1, 0))


@case()
def of_four_axes(rng):
    return permuted(drawn(rng, 2, 3, 4, 5), (2, 0, 3, 1))


@case()
def of_a_view(rng):
    a = drawn(rng, 30)
    return permuted(ndl.NDArray.make((2, 3, 4), (-12, 4, 0), a.device, a._handle, 17), (1, 2, 0))


@case()
def what_is_refused(rng):
    """Return which orders of axes are refused, and the last outcome that was none."""
    a, refused = drawn(rng, 2, 3, 4), []
    for axes in [(0, 1), (2, 1, 0), (0, 0, 1), (0, 1, 3), (1, 2, 0), (0, 1, 2, 2), (1, 1, 1)]:
        try:
            taken = a.permute(axes)
        except ValueError:
            refused.append(list(axes))
    return {"refused": refused, "taken": taken.numpy()}
