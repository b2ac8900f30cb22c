import numpy as np

import needle as ndl
from grader import case, pick_device

SIZE = 1001

device = pick_device(ndl.cpu())


def in_the_middle():
    """Return some room with numbers in it, and an array that is the room but for its ends."""
    room = np.full(SIZE + 16, -7, dtype=np.float32)
    return room, ndl.backend_ndarray.from_dlpack(room[8:-8])


def elementwise(kernel, a, b):
    """Return what a kernel makes of two arrays, with what lies around, and their sums after it."""
    a, b, (room, out) = device.array(a), device.array(b), in_the_middle()
    getattr(device, kernel)(a._handle, b._handle, out._handle)
    return {"out": room, "sums": [float(np.abs(one.numpy()).sum()) for one in (a, b)]}


def with_number(kernel, a, number):
    """Return what a kernel makes of an array and a number, with what lies around, and the array's sum."""
    a, (room, out) = device.array(a), in_the_middle()
    getattr(device, kernel)(a._handle, float(number), out._handle)
    return {"out": room, "sum": float(np.abs(a.numpy()).sum())}


def halves(rng):
    """Return numbers of which many are equal, and many others nearly so."""
    return rng.integers(-4, 5, size=SIZE) / 2 + rng.integers(0, 2, size=SIZE) / 4096


@case()
def ewise_maximum(rng):
    below = elementwise("ewise_maximum", -rng.uniform(1, 2, size=SIZE), -rng.uniform(1, 2, size=SIZE))
    mixed = elementwise("ewise_maximum", rng.normal(size=SIZE), rng.normal(size=SIZE))
    return {"of negative numbers": below, "of any": mixed}


@case()
def scalar_maximum(rng):
    below = with_number("scalar_maximum", -rng.uniform(1, 2, size=SIZE), -1.5)
    return {"of negative numbers": below, "of any": with_number("scalar_maximum", rng.normal(size=SIZE), 0.5)}


@case()
def ewise_eq(rng):
    return elementwise("ewise_eq", halves(rng), halves(rng))


@case()
def scalar_eq(rng):
    return with_number("scalar_eq", halves(rng), rng.integers(-4, 5) / 2)


@case()
def ewise_ge(rng):
    return elementwise("ewise_ge", halves(rng), halves(rng))


@case()
def scalar_ge(rng):
    return with_number("scalar_ge", halves(rng), rng.integers(-3, 4) / 2)
