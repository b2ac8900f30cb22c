import numpy as np

import needle as ndl
from grader import case


def outcome_of(a):
    """Return the outcome, and the input after the call, which must not have changed it."""
    a = ndl.Tensor(a)
    return {"outcome": ndl.logsoftmax(a), "a": float(np.abs(a.numpy()).sum())}


@case()
def of_a_square(rng):
    return outcome_of(rng.normal(scale=2, size=(5, 5)).astype(np.float32))


@case()
def in_double_precision(rng):
    return outcome_of(rng.normal(scale=2, size=(3, 8)))


@case(rtol=1e-6)
def of_rows_that_lie_far_apart(rng):
    return outcome_of(np.array([[5000.0], [-5000.0], [0.0]]) + rng.normal(scale=2, size=(3, 5)))


@case(rtol=1e-6)
def of_logits_that_lie_far_apart(rng):
    return outcome_of(rng.uniform(-4000, 4000, size=(4, 3)))
