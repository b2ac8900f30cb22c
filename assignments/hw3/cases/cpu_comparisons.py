import numpy as np

import needle as ndl
from grader import case

SIZE = 1001


def elementwise(kernel, a, b):
    """Return what a kernel makes of two arrays, and their sums after it."""
    device = ndl.cpu()
    a, b, out = device.array(a), device.array(b), device.full((SIZE,), -7)
    getattr(device, kernel)(a._handle, b._handle, out._handle)
    return {"out": out, "sums": [float(np.abs(one.numpy()).sum()) for one in (a, b)]}


def with_number(kernel, a, number):
    """Return what a kernel makes of an array and a number, and the array's sum after it."""
    device = ndl.cpu()
    a, out = device.array(a), device.full((SIZE,), -7)
    getattr(device, kernel)(a._handle, float(number), out._handle)
    return {"out": out, "sum": float(np.abs(a.numpy()).sum())}


def halves(rng):
    """Return numbers of which many are equal."""
    return rng.integers(-4, 5, size=SIZE) / 2


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
