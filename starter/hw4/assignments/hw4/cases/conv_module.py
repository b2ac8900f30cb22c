import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def layer_of(rng, *settings, **named):
    """Return a layer with drawn parameters."""
    layer = ndl.nn.Conv(*settings, **named)
    layer.weight.data = drawn(rng, *layer.weight.shape)
    if layer.bias is not None:
        layer.bias.data = drawn(rng, *layer.bias.shape)
    return layer


@case()
def with_a_bias(rng):
    layer = layer_of(rng, 3, 4, 3)
    x = drawn(rng, 2, 3, 5, 6)
    return {"y": layer(x), "x": x, "parameters": len(layer.parameters())}


@case()
def with_strides_and_a_tuple(rng):
    seven = layer_of(rng, 2, 3, 7, stride=4)
    tuples = layer_of(rng, 2, 2, (3, 3), stride=(2, 2))
    even = layer_of(rng, 2, 2, 4)
    parts = {"tuples": tuples(drawn(rng, 2, 2, 5, 4)), "4 x 4": even(drawn(rng, 1, 2, 3, 5))}
    return {"7 x 7": seven(drawn(rng, 1, 2, 9, 8)), **parts}


@case()
def without_a_bias(rng):
    layer = layer_of(rng, 4, 4, 1, bias=False)
    parts = {"bias": layer.bias, "parameters": len(layer.parameters())}
    return {"y": layer(drawn(rng, 4, 4, 4, 4)), **parts}


@case()
def as_it_is_drawn(rng):
    layer = ndl.nn.Conv(3, 2, 5)
    kinds = [type(one) is ndl.nn.Parameter for one in (layer.weight, layer.bias)]
    parts = {"kinds": kinds, "next": np.random.rand()}
    elsewhere = ndl.nn.Conv(1, 1, 1, device=ndl.cpu_numpy())
    places = [str(one.device) for one in (elsewhere.weight, elsewhere.bias)]
    return {"weight": layer.weight, "bias": layer.bias, "places": places, **parts}


@case()
def before_a_batch_norm(rng):
    block = ndl.nn.Sequential(ndl.nn.Conv(3, 4, 3, stride=2), ndl.nn.BatchNorm2d(4), ndl.nn.ReLU())
    return {"y": block(drawn(rng, 4, 3, 6, 6)), "next": np.random.rand()}
