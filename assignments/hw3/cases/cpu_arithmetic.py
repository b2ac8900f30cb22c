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


@case()
def ewise_mul(rng):
    return elementwise("ewise_mul", rng.normal(size=SIZE), rng.normal(size=SIZE))


@case()
def scalar_mul(rng):
    return with_number("scalar_mul", rng.normal(size=SIZE), rng.uniform(2, 3))


@case()
def ewise_div(rng):
    return elementwise("ewise_div", rng.normal(size=SIZE), rng.uniform(1, 2, size=SIZE))


@case()
def scalar_div(rng):
    return with_number("scalar_div", rng.normal(size=SIZE), rng.uniform(2, 3))


@case()
def scalar_power(rng):
    positive = with_number("scalar_power", rng.uniform(0.5, 2, size=SIZE), rng.uniform(-2, 2))
    return {"of positive numbers": positive, "cubes": with_number("scalar_power", rng.normal(size=SIZE), 3)}
