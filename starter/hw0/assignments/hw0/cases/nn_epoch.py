import numpy as np
from simple_ml import nn_epoch

from grader import case


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def trained(rng, examples, W1, W2, **settings):
    """Return both layers after one epoch on random data, and the type of what the function returned."""
    X = normal(rng, examples, len(W1))
    y = rng.integers(0, W2.shape[1], size=examples).astype(np.uint8)
    returned = nn_epoch(X, y, W1, W2, **settings)
    return {"W1": W1, "W2": W2, "returned": type(returned).__name__}


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


@case(figure="error_rate", at_most=0.1, seeds=128)
def learns_what_no_straight_line_separates(rng):
    points = rng.uniform(-1, 1, size=(200, 2)).astype(np.float32)
    X = rng.uniform(-1, 1, size=(300, 2)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] > 0).astype(np.uint8)
    W1, W2 = normal(rng, 2, 24), np.zeros((24, 2), dtype=np.float32)
    for _ in range(25):
        nn_epoch(X, y, W1, W2, lr=0.5, batch=20)
    return np.argmax(np.maximum(points @ W1, 0) @ W2, axis=1)
