import numpy as np
from simple_ml_ext import softmax_regression_epoch_cpp

from grader import case


def trained(rng, examples, features, classes, lr, batch):
    """Return theta after one epoch on random data."""
    theta = rng.normal(scale=0.5, size=(features, classes)).astype(np.float32)
    softmax_regression_epoch_cpp(
        X=rng.normal(size=(examples, features)).astype(np.float32),
        y=rng.integers(0, classes, size=examples).astype(np.uint8),
        theta=theta,
        lr=lr,
        batch=batch,
    )
    return theta


@case()
def with_a_short_last_batch(rng):
    return trained(rng, 23, 6, 4, lr=0.5, batch=5)


@case()
def in_one_batch(rng):
    return trained(rng, 12, 3, 5, lr=1.0, batch=12)


@case()
def one_example_at_a_time(rng):
    return trained(rng, 9, 7, 2, lr=0.2, batch=1)
