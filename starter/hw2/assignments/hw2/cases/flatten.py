import numpy as np

import needle as ndl
from grader import case


def outcome_and_gradient(rng, *shape):
    x = ndl.Tensor(rng.normal(size=shape).astype(np.float32))
    y = ndl.nn.Flatten()(x)
    y.backward(ndl.Tensor(rng.normal(size=y.shape).astype(np.float32)))
    return {"y": y, "x": x.grad}


@case()
def of_images(rng):
    return outcome_and_gradient(rng, 3, 2, 4, 5)


@case()
def of_a_single_example(rng):
    return outcome_and_gradient(rng, 1, 3, 4)


@case()
def of_single_numbers(rng):
    return outcome_and_gradient(rng, 7)
