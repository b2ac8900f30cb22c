import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, axes, out_grad):
    """Return the gradient, what its graph gives for another out_grad, and what went in, as it is now."""
    y = ndl.summation(a, axes)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    return {
        "gradient": part,
        "elsewhere": replay(part, {id(out_grad): np.exp(out_grad.numpy())}),
        "inputs": [a, out_grad],
    }


@case()
def over_everything(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 4), None, tensor(rng, 1, 2))


@case()
def over_one_axis_of_a_square(rng):
    return gradient_of(tensor(rng, -2, 2, 4, 4), 1, tensor(rng, -3, 3, 4))


@case()
def over_a_negative_axis(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 2, 4), -2, tensor(rng, -3, 3, 3, 4))


@case()
def over_several_axes_in_double_precision(rng):
    a, out_grad = tensor(rng, -2, 2, 2, 3, 2, dtype=np.float64), tensor(rng, -3, 3, 3, dtype=np.float64)
    return gradient_of(a, (2, 0), out_grad)
