import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape, scale=1.0):
    return ndl.Tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


def outcome_and_gradients(rng, examples, dim, **settings):
    layer = ndl.nn.LayerNorm1d(dim, **settings)
    layer.weight.data, layer.bias.data = drawn(rng, dim), drawn(rng, dim)
    x = drawn(rng, examples, dim)
    y = layer(x)
    y.backward(drawn(rng, examples, dim))
    return {"y": y, "x": x.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}


@case()
def of_a_square_batch(rng):
    return outcome_and_gradients(rng, 5, 5)


@case()
def with_a_large_eps(rng):
    return outcome_and_gradients(rng, 3, 8, eps=0.7)


@case()
def of_a_new_layer_and_small_numbers(rng):
    layer = ndl.nn.LayerNorm1d(6)
    parts = {"weight": layer.weight, "bias": layer.bias, "parameters": len(layer.parameters())}
    return {"y": layer(drawn(rng, 4, 6, scale=0.005)), **parts}


@case()
def out_of_training(rng):
    layer = ndl.nn.LayerNorm1d(4)
    layer.weight.data, layer.bias.data = drawn(rng, 4), drawn(rng, 4)
    layer.eval()
    return [layer(drawn(rng, 1, 4)), layer(drawn(rng, 7, 4))]
