import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, shape, out_grad):
    """Return the gradient, what its graph gives for another out_grad, and what went in, as it is now."""
    y = ndl.broadcast_to(a, shape)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    return {
        "gradient": part,
        "elsewhere": replay(part, {id(out_grad): np.exp(out_grad.numpy())}),
        "inputs": [a, out_grad],
    }


@case()
def with_a_leading_axis(rng):
    return gradient_of(tensor(rng, -2, 2, 3), (3, 3), tensor(rng, -1, 2, 3, 3))


@case()
def with_an_inner_axis(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 1, 2), (3, 4, 2), tensor(rng, -1, 2, 3, 4, 2))


@case()
def with_both(rng):
    return gradient_of(tensor(rng, -2, 2, 1, 3, 1), (2, 4, 3, 2), tensor(rng, -1, 2, 2, 4, 3, 2))


@case()
def of_a_single_number_in_double_precision(rng):
    return gradient_of(tensor(rng, 1, 2, dtype=np.float64), (2, 3), tensor(rng, 0, 2, 2, 3, dtype=np.float64))
