import numpy as np

import needle as ndl
from grader import case

SIZE = 1001


def applied(kernel, a):
    """Return what a kernel makes of an array, and the array's sum after it."""
    device = ndl.cpu()
    a, out = device.array(a), device.full((SIZE,), -7)
    getattr(device, kernel)(a._handle, out._handle)
    return {"out": out, "sum": float(np.abs(a.numpy()).sum())}


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
