import numpy as np

import needle as ndl
from grader import case


def tensor(rng, low, high, *shape):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(np.float32))


def squeezed(x, out_grad):
    """Return the outcome, its gradient, and the input after both."""
    y = ndl.nn.Sigmoid()(x)
    y.backward(out_grad)
    return {"outcome": y, "gradient": x.grad, "x": float(np.abs(x.numpy()).sum())}


@case()
def of_a_matrix(rng):
    return squeezed(tensor(rng, -4, 4, 3, 5), tensor(rng, -2, 2, 3, 5))


@case()
def of_four_axes(rng):
    return squeezed(tensor(rng, -4, 4, 2, 3, 2, 2), tensor(rng, -2, 2, 2, 3, 2, 2))


@case()
def far_from_zero(rng):
    x = np.array([[-200.0], [0.0], [200.0]]) + rng.uniform(-1, 1, size=(3, 4))
    return squeezed(ndl.Tensor(x), tensor(rng, 1, 2, 3, 4))
