import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, scalar, out_grad):
    """Return the gradient, what its graph gives for other numbers, and what went in, as it is now."""
    y = ndl.power_scalar(a, scalar)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    others = {id(a): a.numpy() * 1.25, id(out_grad): out_grad.numpy() * 1.5}
    return {"gradient": part, "elsewhere": replay(part, others), "inputs": [a, out_grad]}


@case()
def of_a_cube_with_bases_of_both_signs(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 4), 3, tensor(rng, -3, 3, 3, 4))


@case()
def with_a_broken_exponent(rng):
    return gradient_of(tensor(rng, 0.5, 2, 5), float(rng.uniform(-2.5, -0.5)), tensor(rng, -3, 3, 5))


@case()
def at_base_zero(rng):
    a = rng.uniform(1, 2, size=6).astype(np.float32)
    a[1::2] = 0
    squared, constant = ndl.power_scalar(ndl.Tensor(a), 2), ndl.power_scalar(ndl.Tensor(a), 0)
    out_grad = tensor(rng, 1, 3, 6)
    return [y.op.gradient_as_tuple(out_grad, y) for y in (squared, constant)]


@case()
def in_double_precision(rng):
    return gradient_of(tensor(rng, 0.5, 2, 5, dtype=np.float64), 2, tensor(rng, 1, 3, 5, dtype=np.float64))
