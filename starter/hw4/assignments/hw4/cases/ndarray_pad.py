import numpy as np

import needle as ndl
from grader import case


def used_device():
    """Return cpu_numpy() with memory that was used before: it holds 7s until something is written."""
    device = ndl.backend_ndarray.BackendDevice("cpu_numpy", ndl.cpu_numpy().mod)
    fresh = device.Array

    def used(size):
        memory = fresh(size)
        memory.array[:] = 7
        return memory

    device.Array = used
    return device


def drawn(rng, *shape, device=None):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=device or ndl.cpu_numpy())


def padded(a, axes):
    """Return an array with a margin, whether it is compact, and the array after that."""
    b = a.pad(axes)
    compact, elements = b.is_compact(), b.numpy()
    b[...] = 50.0
    return {"elements": elements, "compact": compact, "a": a.numpy()}


@case()
def of_images(rng):
    return padded(drawn(rng, 2, 3, 4, 2), ((0, 0), (1, 2), (2, 0), (0, 0)))


@case()
def of_a_view(rng):
    a = drawn(rng, 30)
    return padded(ndl.NDArray.make((2, 3), (-12, 4), a.device, a._handle, 17), ((1, 0), (0, 3)))


@case()
def in_memory_that_was_used(rng):
    return padded(drawn(rng, 3, 2, device=used_device()), ((0, 1), (1, 1)))


@case()
def along_no_axis_and_along_one(rng):
    a = drawn(rng, 3, 4)
    return [padded(a, ((0, 0), (0, 0))), padded(a, ((0, 0), (0, 1)))]


@case()
def what_is_refused(rng):
    """Return which margins are refused, and the last outcome that was none."""
    a, refused = drawn(rng, 2, 3), []
    for at, axes in enumerate(
        [((1, 1),), ((1, 0), (0, 1)), ((0, 0), (2, -1)), ((0, 0),) * 3, ((-1, 0), (0, 0))]
    ):
        try:
            taken = a.pad(axes)
        except ValueError:
            refused.append(at)
    return {"refused": refused, "taken": taken.numpy()}
