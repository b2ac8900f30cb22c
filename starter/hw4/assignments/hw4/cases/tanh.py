import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(np.float32))


@case()
def of_a_matrix(rng):
    a = tensor(rng, -2, 2, 4, 5)
    return {"tanh": ndl.tanh(a), "a": a}


@case()
def of_large_numbers(rng):
    return ndl.tanh(tensor(rng, -1, 1, 4, 5) * 150)


@case()
def its_gradient(rng):
    """Return the gradient, and what its graph gives for other numbers."""
    a, out_grad = tensor(rng, -2, 2, 3, 2, 2), tensor(rng, -3, 3, 3, 2, 2)
    y = ndl.tanh(a)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    others = {id(one): (one * 0.75).realize_cached_data() for one in (a, out_grad)}
    return {"gradient": part, "elsewhere": replay(part, others), "inputs": [a, out_grad]}


@case()
def its_gradient_far_from_zero(rng):
    a = ndl.Tensor(np.array([[-200.0], [0.0], [200.0]]) + rng.uniform(-1, 1, size=(3, 4)))
    y = ndl.tanh(a)
    return y.op.gradient_as_tuple(tensor(rng, 1, 2, 3, 4), y)
