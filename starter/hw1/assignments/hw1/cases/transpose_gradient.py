import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, axes, out_grad):
    """Return the gradient, what its graph gives for another out_grad, and what went in, as it is now."""
    y = ndl.transpose(a, axes)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    return {
        "gradient": part,
        "elsewhere": replay(part, {id(out_grad): np.exp(out_grad.numpy())}),
        "inputs": [a, out_grad],
    }


@case()
def of_a_square_matrix(rng):
    return gradient_of(tensor(rng, -2, 2, 4, 4), None, tensor(rng, -3, 3, 4, 4))


@case()
def of_a_stack_of_matrices(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 2, 4), None, tensor(rng, -3, 3, 3, 4, 2))


@case()
def with_named_axes(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 2, 4), (2, 0), tensor(rng, -3, 3, 4, 2, 3))


@case()
def with_negative_axes_in_double_precision(rng):
    a, out_grad = (tensor(rng, -2, 2, 3, 3, 3, dtype=np.float64) for _ in range(2))
    return gradient_of(a, (-3, -2), out_grad)
