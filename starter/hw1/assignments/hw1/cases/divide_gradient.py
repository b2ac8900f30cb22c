import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradients_of(a, b, out_grad):
    """Return both gradients, what their graphs give for other numbers, and what went in, as it is now."""
    y = ndl.divide(a, b)
    parts = y.op.gradient_as_tuple(out_grad, y)
    others = {id(a): a.numpy() * 1.25, id(b): b.numpy() * 0.75, id(out_grad): out_grad.numpy() * 1.5}
    return {
        "gradients": parts,
        "elsewhere": [replay(part, others) for part in parts],
        "inputs": [a, b, out_grad],
    }


@case()
def with_a_positive_denominator(rng):
    return gradients_of(tensor(rng, -3, 3, 3, 4), tensor(rng, 0.5, 3, 3, 4), tensor(rng, -2, 2, 3, 4))


@case()
def with_a_negative_denominator(rng):
    return gradients_of(
        tensor(rng, -3, 3, 2, 1, 3), tensor(rng, -3, -0.5, 2, 1, 3), tensor(rng, 1, 2, 2, 1, 3)
    )


@case()
def in_double_precision(rng):
    a, b, out_grad = (tensor(rng, 0.5, 3, 5, dtype=np.float64) for _ in range(3))
    return gradients_of(a, b, out_grad)
