import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=ndl.cpu_numpy())


def reshaped(a, *new_shapes):
    """Return what an array is after some reshapes, and whether it still lies where it lay."""
    b = a
    for new_shape in new_shapes:
        b = b.reshape(new_shape)
    same = b._handle is a._handle
    return {"elements": b.numpy(), "strides": list(b.strides), "shares": same, "before": list(a.shape)}


@case()
def a_row_becomes_a_cube(rng):
    return reshaped(drawn(rng, 24), (2, 3, 4))


@case()
def through_several_shapes(rng):
    return reshaped(drawn(rng, 4, 6), (2, 12), (3, 1, 8), (6, 4))


@case()
def what_is_refused(rng):
    """Return which shapes some views refuse, and the last outcome that was none."""
    a = drawn(rng, 2, 6)
    views = {
        "compact": a,
        "transposed": a.as_strided((6, 2), (1, 6)),
        "a row": a.as_strided((6,), (1,)),
        "the other row": ndl.NDArray.make((6,), (1,), a.device, a._handle, 6),
        "repeated": a.as_strided((12,), (0,)),
    }
    refused, taken = [], a
    for name, view in views.items():
        for new_shape in [(3, 4), (5, 2), (12, 1), (6, 1), (2, 2, 3), (-3, -4), (13,)]:
            try:
                taken = view.reshape(new_shape)
            except ValueError:
                refused.append([name, *new_shape])
    return {"refused": refused, "taken": taken.numpy()}
