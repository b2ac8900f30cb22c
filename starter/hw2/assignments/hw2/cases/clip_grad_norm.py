import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import reachable


def with_gradients(rng, *shapes):
    """Return parameters with gradients, and one without."""
    params = []
    for shape in shapes:
        start, grad = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape).astype(np.float32)
        params.append(ndl.nn.Parameter(ndl.Tensor(start)))
        params[-1].grad = ndl.Tensor(grad)
    return [ndl.nn.Parameter(ndl.Tensor(np.ones(2, dtype=np.float32))), *params]


def clipped(params, norm):
    """Return the norm, the gradients, how many nodes they hold on to, and the parameters."""
    without, *others = params
    grads = [param.grad for param in others]
    return {
        "norm": float(norm),
        "gradients": grads,
        "nodes": [len(reachable(grad)) for grad in grads],
        "without": without.grad is None,
        "parameters": others,
    }


@case()
def gradients_that_are_too_long(rng):
    params = with_gradients(rng, (3, 4), (4,), (2, 2, 2))
    return clipped(params, ndl.optim.clip_grad_norm(params, 0.7))


@case()
def gradients_each_short_enough_but_not_together(rng):
    params = with_gradients(rng, *[(2,)] * 20)
    return clipped(params, ndl.optim.clip_grad_norm(params, 5.0 - float(rng.uniform(1, 2))))


@case()
def gradients_that_are_short_enough(rng):
    params = with_gradients(rng, (3, 2), (4,))
    return clipped(params, ndl.optim.clip_grad_norm(params, 1e3))


@case()
def by_an_optimizer(rng):
    params = with_gradients(rng, (5, 2), (3,))
    return clipped(params, ndl.optim.SGD(params).clip_grad_norm())
