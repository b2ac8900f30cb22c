import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import reachable


def away_from_0(rng, *shape):
    """Draw a tensor of numbers from 0.5 to 2, of either sign: none is lost when a small one is added."""
    signs = rng.choice([-1.0, 1.0], size=shape)
    return ndl.Tensor((signs * rng.uniform(0.5, 2, size=shape)).astype(np.float32))


def walk(rng, shapes, steps, **settings):
    """Return where parameters end up, their last gradients, and whether the optimizer's state has a graph.

    The first parameter has no gradient in the first step.
    """
    params = [ndl.nn.Parameter(away_from_0(rng, *shape)) for shape in shapes]
    opt = ndl.optim.Adam(params, **settings)
    for step in range(steps):
        for param in params:
            param.grad = away_from_0(rng, *param.shape)
        if step == 0:
            params[0].grad = None
        opt.step()
    state = [
        *params,
        *(one for kept in vars(opt).values() if isinstance(kept, dict) for one in kept.values()),
    ]
    graph = any(len(reachable(one)) > 1 for one in state)
    return {"ends": params, "gradients": [param.grad for param in params], "graph": graph}


@case()
def as_it_is_by_default(rng):
    return walk(rng, [(3, 4), (4,), (4,)], 3)


@case()
def with_short_memories(rng):
    return walk(rng, [(3, 2), (3, 2), (2,)], 4, lr=0.3, beta1=0.6, beta2=0.8)


@case()
def with_weight_decay(rng):
    return walk(rng, [(5,), (2, 3)], 3, lr=0.2, weight_decay=0.1)


@case()
def with_a_large_eps_and_weight_decay(rng):
    return walk(rng, [(4,), (4,)], 5, lr=0.5, beta1=0.7, beta2=0.9, eps=0.5, weight_decay=0.2)
