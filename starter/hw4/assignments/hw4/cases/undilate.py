import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def differentiated(y, a, out_grad):
    """Return an outcome, its gradient, what the gradient's graph gives elsewhere, and what went in."""
    (part,) = y.op.gradient_as_tuple(out_grad, y)
    elsewhere = replay(part, {id(out_grad): (out_grad * out_grad).realize_cached_data()})
    return {"outcome": y, "gradient": part, "elsewhere": elsewhere, "inputs": [a, out_grad]}


@case()
def of_a_row(rng):
    a = tensor(rng, 6)
    return [
        differentiated(ndl.undilate(a, (0,), 1), a, tensor(rng, 3)),
        differentiated(ndl.undilate(a, (0,), 2), a, tensor(rng, 2)),
    ]


@case()
def of_a_square(rng):
    a = tensor(rng, 4, 4)
    return [
        differentiated(ndl.undilate(a, (0,), 1), a, tensor(rng, 2, 4)),
        differentiated(ndl.undilate(a, -1, 3), a, tensor(rng, 4, 1)),
    ]


@case()
def of_images(rng):
    a = tensor(rng, 2, 4, 6, 2)
    return differentiated(ndl.undilate(a, (2, 1), 1), a, tensor(rng, 2, 2, 3, 2))


@case()
def gradients_of_dilate(rng):
    row, square = tensor(rng, 4), tensor(rng, 3, 3)
    return [
        differentiated(ndl.dilate(row, (0,), 2), row, tensor(rng, 12)),
        differentiated(ndl.dilate(square, (1,), 1), square, tensor(rng, 3, 6)),
        differentiated(ndl.dilate(square, (0, -1), 1), square, tensor(rng, 6, 6)),
    ]


@case()
def axes_that_are_not_there(rng):
    a = tensor(rng, 4)
    return [
        differentiated(ndl.undilate(a, (0, 3), 1), a, tensor(rng, 2)),
        differentiated(ndl.dilate(a, (2,), 1), a, tensor(rng, 4)),
    ]
