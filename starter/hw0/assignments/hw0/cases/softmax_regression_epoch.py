import numpy as np
from simple_ml import softmax_regression_epoch

from grader import case


def trained(rng, examples, features, classes, **settings):
    """Return theta after one epoch on random data, and the type of what the function returned."""
    X = rng.normal(size=(examples, features)).astype(np.float32)
    y = rng.integers(0, classes, size=examples).astype(np.uint8)
    theta = rng.normal(scale=0.5, size=(features, classes)).astype(np.float32)
    returned = softmax_regression_epoch(X, y, theta, **settings)
    return {"theta": theta, "returned": type(returned).__name__}


@case()
def with_a_short_last_batch(rng):
    return trained(rng, 23, 6, 4, lr=0.5, batch=5)


@case()
def in_one_batch(rng):
    return trained(rng, 12, 3, 5, lr=1.0, batch=12)


@case()
def with_default_settings(rng):
    return trained(rng, 130, 4, 3)
