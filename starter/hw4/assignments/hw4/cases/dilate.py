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


def dilated(rng, shape, *ways, device=None):
    """Return a tensor dilated in several ways, each axes and a number of zeros, and the tensor after that."""
    a = ndl.Tensor(rng.normal(size=shape).astype(np.float32), device=device)
    return {"dilated": [ndl.dilate(a, axes, zeros) for axes, zeros in ways], "a": a}


@case()
def a_row(rng):
    return dilated(rng, (4,), ((0,), 1), ((0,), 2), ((0,), 0))


@case()
def a_square(rng):
    return dilated(rng, (3, 3), ((0,), 1), ((1,), 1), ((1, 0), 2), (-1, 3))


@case()
def images(rng):
    return dilated(rng, (2, 3, 2, 2), ((1, 2), 1), ((-2, 0), 2))


@case()
def axes_that_are_not_there(rng):
    return dilated(rng, (2, 3), ((1, 2), 1), ((5,), 2))


@case()
def in_memory_that_was_used(rng):
    return dilated(rng, (2, 3), ((0, 1), 1), device=used_device())
