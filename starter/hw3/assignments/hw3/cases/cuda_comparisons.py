import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def elementwise(kernel, a, b):
    """Return what a kernel makes of two arrays."""
    a, b, out = device.array(a), device.array(b), device.full(a.shape, -7)
    kernel(a._handle, b._handle, out._handle)
    return out


def with_number(kernel, a, number):
    """Return what a kernel makes of an array and a number."""
    a, out = device.array(a), device.full(a.shape, -7)
    kernel(a._handle, float(number), out._handle)
    return out


def halves(rng, count):
    """Return numbers of which many are equal."""
    return rng.integers(-4, 5, size=count) / 2


@case()
def ewise_maximum(rng):
    return elementwise(device.ewise_maximum, rng.normal(size=777), rng.normal(size=777))


@case()
def scalar_maximum(rng):
    return with_number(device.scalar_maximum, rng.normal(size=300), rng.uniform(-1, 1))


@case()
def maximum_of_negative_numbers(rng):
    return elementwise(device.ewise_maximum, -rng.uniform(1, 2, size=300), -rng.uniform(1, 2, size=300))


@case()
def ewise_eq(rng):
    return elementwise(device.ewise_eq, halves(rng, 777), halves(rng, 777))


@case()
def scalar_eq(rng):
    return with_number(device.scalar_eq, halves(rng, 300), rng.integers(-4, 5) / 2)


@case()
def ewise_ge(rng):
    return elementwise(device.ewise_ge, halves(rng, 777), halves(rng, 777))


@case()
def scalar_ge(rng):
    return with_number(device.scalar_ge, halves(rng, 300), rng.integers(-3, 4) / 2)
