import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, low, high, *shape, dtype=np.float32):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(dtype))


def gradients_of(a, b, out_grad):
    """Return both gradients, what their graphs give for other numbers, and what went in, as it is now."""
    y = ndl.matmul(a, b)
    parts = y.op.gradient_as_tuple(out_grad, y)
    others = {id(a): a.numpy() * 1.25, id(b): b.numpy() * 0.75, id(out_grad): out_grad.numpy() * 1.5}
    return {
        "gradients": parts,
        "elsewhere": [replay(part, others) for part in parts],
        "inputs": [a, b, out_grad],
    }


@case()
def of_square_matrices(rng):
    return gradients_of(tensor(rng, -2, 2, 3, 3), tensor(rng, -2, 2, 3, 3), tensor(rng, -2, 2, 3, 3))


@case()
def of_batches(rng):
    a, b = tensor(rng, -2, 2, 3, 2, 4), tensor(rng, -2, 2, 3, 4, 3)
    return gradients_of(a, b, tensor(rng, -2, 2, 3, 2, 3))


@case()
def of_a_matrix_and_a_batch(rng):
    a, b = tensor(rng, -2, 2, 3, 2), tensor(rng, -2, 2, 2, 4, 2, 3)
    return gradients_of(a, b, tensor(rng, -2, 2, 2, 4, 3, 3))


@case()
def of_batches_that_broadcast_both_ways_in_double_precision(rng):
    a, b = tensor(rng, -2, 2, 2, 1, 2, 3, dtype=np.float64), tensor(rng, -2, 2, 4, 3, 2, dtype=np.float64)
    return gradients_of(a, b, tensor(rng, -2, 2, 2, 4, 2, 2, dtype=np.float64))
