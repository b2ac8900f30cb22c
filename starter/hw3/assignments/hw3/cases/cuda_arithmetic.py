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


@case(rtol=1e-5)
def ewise_mul(rng):
    return elementwise(device.ewise_mul, rng.normal(size=777), rng.normal(size=777))


@case(rtol=1e-5)
def scalar_mul(rng):
    return with_number(device.scalar_mul, rng.normal(size=300), rng.uniform(-3, -1.5))


@case(rtol=1e-5)
def ewise_div(rng):
    return elementwise(device.ewise_div, rng.normal(size=777), rng.uniform(0.5, 2, size=777))


@case(rtol=1e-5)
def scalar_div(rng):
    return with_number(device.scalar_div, rng.normal(size=300), rng.uniform(0.25, 0.75))


@case(rtol=1e-5)
def scalar_power_of_positive_numbers(rng):
    return with_number(device.scalar_power, rng.uniform(0.25, 3, size=300), rng.uniform(-2, -0.5))


@case(rtol=1e-5)
def scalar_power_of_any_numbers(rng):
    return with_number(device.scalar_power, rng.normal(size=300), 3)
