import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(1, 1, size=shape).astype(np.float32))


@case()
def in_training(rng):
    x = drawn(rng, 6, 5)
    y = ndl.nn.Dropout(0.3)(x)
    y.backward(drawn(rng, 6, 5))
    return {"y": y, "x": x.grad, "after": np.abs(x.numpy()).sum(), "next": np.random.rand()}


@case()
def by_default(rng):
    dropout, x = ndl.nn.Dropout(), drawn(rng, 3, 4, 5)
    return {"once": dropout(x), "and again": dropout(x)}


@case()
def in_use_and_in_training_again(rng):
    dropout, x = ndl.nn.Dropout(0.8), drawn(rng, 10, 4)
    dropout.eval()
    in_use, draw = dropout(x), np.random.rand()
    dropout.train()
    return {"in use": in_use, "next": draw, "in training": dropout(x)}
