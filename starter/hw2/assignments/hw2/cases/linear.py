import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def outcome_and_gradients(rng, layer, *shape):
    """Return what a layer makes of a drawn input, and all gradients."""
    x = drawn(rng, *shape)
    y = layer(x)
    y.backward(drawn(rng, *y.shape))
    bias = None if layer.bias is None else layer.bias.grad
    return {"y": y, "x": x.grad, "weight": layer.weight.grad, "bias": bias, "found": len(layer.parameters())}


@case()
def with_a_bias(rng):
    layer = ndl.nn.Linear(5, 3)
    layer.weight.data, layer.bias.data = drawn(rng, 5, 3), drawn(rng, 1, 3)
    return outcome_and_gradients(rng, layer, 3, 5)


@case()
def without_a_bias(rng):
    layer = ndl.nn.Linear(4, 4, bias=False)
    layer.weight.data = drawn(rng, 4, 4)
    return outcome_and_gradients(rng, layer, 6, 4)


@case()
def with_two_leading_axes_and_a_bias_that_is_a_vector(rng):
    layer = ndl.nn.Linear(3, 4)
    layer.weight.data, layer.bias.data = drawn(rng, 3, 4), drawn(rng, 4)
    return outcome_and_gradients(rng, layer, 4, 2, 3)


@case()
def as_it_is_drawn(rng):
    layer = ndl.nn.Linear(7, 5)
    count = len(layer.parameters())
    kinds = [type(one) is ndl.nn.Parameter for one in (layer.weight, layer.bias)]
    parts = {"weight": layer.weight, "bias": layer.bias, "parameters": count, "kinds": kinds}
    return {**parts, "double": ndl.nn.Linear(2, 3, dtype="float64").weight, "next": np.random.rand()}
