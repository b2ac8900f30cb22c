import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def gradients(rng, images, kernel, stride, padding):
    """Return both gradients of a convolution of drawn numbers."""
    a, b = drawn(rng, *images), drawn(rng, *kernel)
    y = ndl.conv(a, b, stride, padding)
    grad_a, grad_b = y.op.gradient_as_tuple(drawn(rng, *y.shape), y)
    return {"a": grad_a, "b": grad_b, "inputs": [a, b]}


@case()
def with_a_margin(rng):
    return gradients(rng, (2, 5, 6, 3), (3, 3, 3, 4), 1, 1)


@case()
def with_a_stride_that_divides(rng):
    return gradients(rng, (3, 6, 8, 2), (2, 2, 2, 3), 2, 0)


@case()
def with_a_stride_and_a_remainder(rng):
    return gradients(rng, (2, 8, 7, 2), (3, 3, 2, 3), 3, 1)


@case()
def with_a_margin_wider_than_the_kernel(rng):
    return gradients(rng, (2, 4, 3, 2), (1, 1, 2, 2), 2, 1)


@case()
def through_two_layers(rng):
    """Gradients that reverse mode leaves, where one convolution follows another."""
    a, b, c = drawn(rng, 2, 8, 8, 2), drawn(rng, 3, 3, 2, 4), drawn(rng, 3, 3, 4, 2)
    y = ndl.conv(ndl.conv(a, b, 2, 1), c, 1, 1)
    y.backward(drawn(rng, *y.shape))
    return {"a": a.grad, "b": b.grad, "c": c.grad}


@case()
def of_a_gradient(rng):
    """Gradients of a gradient, as a graph of ops has them."""
    a, b = drawn(rng, 2, 5, 4, 2), drawn(rng, 3, 3, 2, 2)
    ndl.conv(a, b, 2, 1).backward(drawn(rng, 2, 3, 2, 2))
    first = b.grad
    first.backward(drawn(rng, *first.shape))
    return {"first": first, "second": a.grad}
