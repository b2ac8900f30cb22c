import numpy as np

import needle as ndl
from grader import case, pick_device

SIZE = 1001

device = pick_device(ndl.cpu())


def in_the_middle():
    """Return some room with numbers in it, and an array that is the room but for its ends."""
    room = np.full(SIZE + 16, -7, dtype=np.float32)
    return room, ndl.backend_ndarray.from_dlpack(room[8:-8])


def applied(kernel, a):
    """Return what a kernel makes of an array, with what lies around, and the array's sum after it."""
    a, (room, out) = device.array(a), in_the_middle()
    getattr(device, kernel)(a._handle, out._handle)
    return {"out": room, "sum": float(np.abs(a.numpy()).sum())}


@case()
def ewise_log(rng):
    return applied("ewise_log", rng.uniform(0.01, 50, size=SIZE))


@case()
def ewise_exp(rng):
    return applied("ewise_exp", rng.uniform(-3, 3, size=SIZE))


@case()
def ewise_tanh(rng):
    return applied("ewise_tanh", rng.normal(size=SIZE))


@case()
def tanh_of_large_numbers(rng):
    return applied("ewise_tanh", rng.normal(scale=100, size=SIZE))
