import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradient_of(a, out_grad):
    """Return the gradient, what its graph gives for other numbers, and what went in, as it is now."""
    y = ndl.log(a)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    others = {id(a): a.numpy() * 1.25, id(out_grad): out_grad.numpy() * 1.5}
    return {"gradient": part, "elsewhere": replay(part, others), "inputs": [a, out_grad]}


@case()
def of_a_matrix(rng):
    return gradient_of(tensor(rng, 0.25, 4, 3, 4), tensor(rng, -3, 3, 3, 4))


@case()
def in_double_precision(rng):
    return gradient_of(tensor(rng, 0.25, 4, 5, dtype=np.float64), tensor(rng, -3, 3, 5, dtype=np.float64))
