import numpy as np

from grader import case
from needle import init


def weights_and_next_draw(*args, **kwargs):
    weights = init.xavier_uniform(*args, **kwargs)
    return {"weights": weights, "requires_grad": weights.requires_grad, "next": np.random.rand()}


@case()
def of_a_narrow_layer(rng):
    return weights_and_next_draw(7, 4)


@case()
def with_a_gain(rng):
    return weights_and_next_draw(3, 10, gain=float(rng.uniform(1.5, 3)))


@case()
def with_further_keywords(rng):
    return weights_and_next_draw(5, 6, float(rng.uniform(0.2, 0.7)), dtype="float64", requires_grad=True)
