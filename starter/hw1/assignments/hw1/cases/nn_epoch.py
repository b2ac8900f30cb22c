import numpy as np
from two_layer import nn_epoch

import needle as ndl
from grader import case


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def behind(tensor):
    """Return how many graph nodes a tensor holds on to, beside itself."""
    found = [tensor]
    for node in found:
        found += [one for one in node.inputs if not any(one is other for other in found)]
    return len(found) - 1


def trained(rng, examples, W1, W2, **settings):
    """Return both layers after an epoch on random data, and how many graph nodes hang on to them."""
    X = normal(rng, examples, len(W1))
    y = rng.integers(0, W2.shape[1], size=examples).astype(np.uint8)
    first, second = nn_epoch(X, y, ndl.Tensor(W1), ndl.Tensor(W2), **settings)
    return {"W1": first, "W2": second, "behind": [behind(first), behind(second)], "X": np.abs(X).sum()}


@case()
def with_a_short_last_batch(rng):
    return trained(rng, 23, normal(rng, 5, 7), normal(rng, 7, 4), lr=0.3, batch=5)


@case()
def with_hidden_units_at_exactly_zero(rng):
    W1 = normal(rng, 4, 6)
    W1[:, ::3] = 0
    return trained(rng, 10, W1, normal(rng, 6, 3), lr=0.5, batch=10)


@case()
def with_default_settings(rng):
    return trained(rng, 130, normal(rng, 3, 5), normal(rng, 5, 3))


@case(figure="error_rate", at_most=0.15, seeds=128)
def learns_what_lies_in_a_stripe(rng):
    points = rng.uniform(-1, 1, size=(200, 3)).astype(np.float32)
    X = rng.uniform(-1, 1, size=(300, 3)).astype(np.float32)
    points[:, 2] = X[:, 2] = 1  # so that a hidden unit's boundary need not go through the origin
    y = (np.abs(X[:, 0] + X[:, 1]) < 0.6).astype(np.uint8)
    W1, W2 = ndl.Tensor(normal(rng, 3, 24)), ndl.Tensor(np.zeros((24, 2), dtype=np.float32))
    for _ in range(14):
        W1, W2 = nn_epoch(X, y, W1, W2, lr=0.5, batch=20)
    return np.argmax(np.maximum(points @ W1.numpy(), 0) @ W2.numpy(), axis=1)
