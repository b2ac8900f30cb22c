import numpy as np

import needle as ndl
from grader import case
from grader.expect.graph import reachable


def drawn(rng, *shape, mean=0.0, scale=1.0):
    return ndl.Tensor(rng.normal(mean, scale, size=shape).astype(np.float32))


def layer_of(rng, dim, **settings):
    layer = ndl.nn.BatchNorm1d(dim, **settings)
    layer.weight.data, layer.bias.data = drawn(rng, dim), drawn(rng, dim)
    return layer


def running(layer):
    """Return the running statistics, and how many nodes they hold on to."""
    nodes = len(reachable(layer.running_mean, layer.running_var))
    return {"mean": layer.running_mean, "var": layer.running_var, "nodes": nodes}


@case()
def in_training(rng):
    layer, x = layer_of(rng, 5), drawn(rng, 5, 5, mean=1)
    y = layer(x)
    y.backward(drawn(rng, 5, 5))
    grads = {"x": x.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}
    return {"y": y, **grads, "running": running(layer)}


@case()
def in_use_after_training(rng):
    layer = layer_of(rng, 3, momentum=0.3)
    for _ in range(3):
        layer(drawn(rng, 8, 3, mean=1, scale=2))
    layer.eval()
    x = drawn(rng, 4, 3)
    y = layer(x)
    y.backward(drawn(rng, 4, 3))
    return {"y": y, "x": x.grad, "one example": layer(drawn(rng, 1, 3)), "running": running(layer)}


@case()
def with_a_large_eps(rng):
    layer = layer_of(rng, 4, eps=0.7)
    first = layer(drawn(rng, 3, 4))
    layer.eval()
    second = layer(drawn(rng, 3, 4))
    layer.train()
    return {"training": first, "use": second, "training again": layer(drawn(rng, 3, 4))}


@case()
def of_a_new_layer_and_small_numbers(rng):
    layer = ndl.nn.BatchNorm1d(6)
    parts = {"weight": layer.weight, "bias": layer.bias, "parameters": len(layer.parameters())}
    return {"y": layer(drawn(rng, 7, 6, scale=0.005)), **parts, "running": running(layer)}
