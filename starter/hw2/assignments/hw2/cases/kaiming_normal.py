import numpy as np

from grader import case
from needle import init


def weights_and_next_draw(*args, **kwargs):
    weights = init.kaiming_normal(*args, **kwargs)
    return {"weights": weights, "requires_grad": weights.requires_grad, "next": np.random.rand()}


@case()
def of_a_narrow_layer(rng):
    return weights_and_next_draw(9, 4)


@case()
def of_a_wide_layer(rng):
    return weights_and_next_draw(3, 11, nonlinearity="relu")


@case()
def with_further_keywords(rng):
    return weights_and_next_draw(5, 6, dtype="float64", requires_grad=True)
