import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=ndl.cpu_numpy())


def repeated(a, shape):
    """Return an array in a wider shape, and whether it still lies where it lay."""
    b = a.broadcast_to(shape)
    return {"elements": b.numpy(), "shares": b._handle is a._handle, "before": list(a.shape)}


@case()
def a_column_and_a_row(rng):
    return {"column": repeated(drawn(rng, 4, 1), (4, 3)), "row": repeated(drawn(rng, 3), (5, 3))}


@case()
def of_several_axes(rng):
    return repeated(drawn(rng, 3, 1, 2, 1), (2, 3, 4, 2, 3))


@case()
def of_a_view(rng):
    a = drawn(rng, 20)
    return repeated(ndl.NDArray.make((3, 1, 2), (-4, 1, 2), a.device, a._handle, 13), (3, 4, 2))


@case()
def what_is_refused(rng):
    """Return which shapes are refused, and the last outcome that was none."""
    refused = []
    for a in (drawn(rng, 1, 3), drawn(rng, 3, 1)):
        for shape in [(4, 2), (3, 3), (3,), (1, 3), (3, 1, 2), (2, 3, 5), (3, 2, 1), (6, 1)]:
            try:
                taken = a.broadcast_to(shape)
            except ValueError:
                refused.append([list(a.shape), list(shape)])
    return {"refused": refused, "taken": taken.numpy()}
