import needle as ndl
from grader import case, pick_device

device = pick_device(ndl.cuda(), ndl.cuda_sim())


def applied(kernel, a):
    """Return what a kernel makes of an array."""
    a, out = device.array(a), device.full(a.shape, -7)
    kernel(a._handle, out._handle)
    return out


@case(rtol=1e-5)
def ewise_log(rng):
    return applied(device.ewise_log, rng.uniform(0.05, 20, size=777))


@case(rtol=1e-5)
def ewise_exp(rng):
    return applied(device.ewise_exp, rng.normal(size=777))


@case(rtol=1e-5)
def ewise_tanh(rng):
    return applied(device.ewise_tanh, rng.normal(size=777))


@case(rtol=1e-5)
def ewise_tanh_of_large_numbers(rng):
    return applied(device.ewise_tanh, rng.normal(scale=100, size=300))
