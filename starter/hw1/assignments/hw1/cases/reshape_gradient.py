import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, shape, out_grad):
    """Return the gradient, what its graph gives for another out_grad, and what went in, as it is now."""
    y = ndl.reshape(a, shape)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    return {
        "gradient": part,
        "elsewhere": replay(part, {id(out_grad): np.exp(out_grad.numpy())}),
        "inputs": [a, out_grad],
    }


@case()
def of_a_matrix_read_as_another(rng):
    return gradient_of(tensor(rng, -2, 2, 3, 4), (4, 3), tensor(rng, -3, 3, 4, 3))


@case()
def of_a_cube_read_as_a_row(rng):
    return gradient_of(tensor(rng, -2, 2, 2, 3, 2), (12,), tensor(rng, -3, 3, 12))


@case()
def in_double_precision(rng):
    a, out_grad = tensor(rng, -2, 2, 5, dtype=np.float64), tensor(rng, -3, 3, 1, 5, 1, dtype=np.float64)
    return gradient_of(a, (1, 5, 1), out_grad)
