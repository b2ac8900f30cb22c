import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import reachable


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def walk(rng, shapes, steps, **settings):
    """Return where parameters end up, their last gradients, and whether the optimizer's state has a graph.

    The first parameter has no gradient in the second step.
    """
    params = [ndl.nn.Parameter(drawn(rng, *shape)) for shape in shapes]
    opt = ndl.optim.SGD(params, **settings)
    for step in range(steps):
        for param in params:
            param.grad = drawn(rng, *param.shape)
        if step == 1:
            params[0].grad = None
        opt.step()
    state = [
        *params,
        *(one for kept in vars(opt).values() if isinstance(kept, dict) for one in kept.values()),
    ]
    graph = any(len(reachable(one)) > 1 for one in state)
    return {"ends": params, "gradients": [param.grad for param in params], "graph": graph}


@case()
def plain(rng):
    return walk(rng, [(3, 4), (4,)], 3, lr=0.3)


@case()
def with_momentum(rng):
    return walk(rng, [(3, 2), (3, 2), (2,)], 4, lr=0.5, momentum=0.8)


@case()
def with_weight_decay(rng):
    return walk(rng, [(5,), (2, 3)], 3, weight_decay=0.4)


@case()
def with_momentum_and_weight_decay(rng):
    return walk(rng, [(4,), (4,)], 5, lr=0.4, momentum=0.6, weight_decay=0.2)
