import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import replay


def tensor(rng, *shape):
    return ndl.Tensor(rng.uniform(-2, 2, size=shape).astype(np.float32))


def of_stack(args, axis, out_grad):
    """Return the gradients of a stack, and what their graphs give for another out_grad."""
    y = ndl.stack(args, axis)
    parts = y.op.gradient_as_tuple(out_grad, y)
    other = {id(out_grad): (out_grad * out_grad).realize_cached_data()}
    return {"parts": list(parts), "elsewhere": [replay(part, other) for part in parts], "out_grad": out_grad}


def of_split(a, axis, *out_grads):
    """Return the gradient of a split, and what its graph gives for other out_grads."""
    y = ndl.split(a, axis)
    (part,) = y.op.gradient_as_tuple(ndl.make_tuple(*out_grads), y)
    others = {id(one): (one * one).realize_cached_data() for one in out_grads}
    return {"part": part, "elsewhere": replay(part, others), "out_grads": list(out_grads)}


@case()
def of_a_stack_of_rows(rng):
    return of_stack([tensor(rng, 3) for _ in range(3)], 0, tensor(rng, 3, 3))


@case()
def of_a_stack_along_inner_axes(rng):
    args = [tensor(rng, 2, 3) for _ in range(2)]
    return [of_stack(args, 1, tensor(rng, 2, 2, 3)), of_stack(args, -1, tensor(rng, 2, 3, 2))]


@case()
def of_a_split_of_a_square(rng):
    a = tensor(rng, 3, 3)
    return [of_split(a, axis, *[tensor(rng, 3) for _ in range(3)]) for axis in (0, 1)]


@case()
def of_a_split_along_negative_axes(rng):
    a = tensor(rng, 2, 3, 2)
    return [
        of_split(a, -1, *[tensor(rng, 2, 3) for _ in range(2)]),
        of_split(a, -2, *[tensor(rng, 2, 2) for _ in range(3)]),
    ]


@case()
def of_pieces_that_are_stacked_otherwise(rng):
    """Return what backward finds for a tensor some of whose pieces are used, one of them twice."""
    a = tensor(rng, 4, 3)
    pieces = ndl.split(a, 0)
    y = ndl.stack([pieces[2], pieces[0], pieces[2] * pieces[1]], 1)
    y.backward(tensor(rng, 3, 3))
    return a.grad
