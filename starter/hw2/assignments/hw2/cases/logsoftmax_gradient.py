import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def gradient_of(a, out_grad):
    """Return the gradient, and what its graph gives for other inputs."""
    a, out_grad = ndl.Tensor(a), ndl.Tensor(out_grad)
    y = ndl.logsoftmax(a)
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    elsewhere = replay(part, {id(a): np.sin(a.numpy()), id(out_grad): np.cos(out_grad.numpy())})
    return {"gradient": part, "elsewhere": elsewhere, "a": a}


@case()
def of_a_square(rng):
    a, out_grad = rng.normal(size=(4, 4)), rng.uniform(-2, 2, size=(4, 4))
    return gradient_of(a.astype(np.float32), out_grad.astype(np.float32))


@case()
def in_double_precision(rng):
    return gradient_of(rng.normal(size=(3, 6)), rng.uniform(-2, 2, size=(3, 6)))


@case()
def of_rows_that_lie_far_apart(rng):
    a = ndl.Tensor(np.array([[5000.0], [-5000.0], [0.0]]) + rng.normal(size=(3, 5)))
    y = ndl.logsoftmax(a)
    return y.op.gradient_as_tuple(ndl.Tensor(rng.uniform(1, 2, size=(3, 5))), y)
