import numpy as np

import needle as ndl
from grader import case

LEARNED = (
    *(f"attention.{name}_projection.weight" for name in ("q", "k", "v", "out")),
    *(f"attention.prenorm_{name}.{part}" for name in ("q", "k", "v") for part in ("weight", "bias")),
    *(f"{name}.{part}" for name in ("norm", "linear1", "linear2") for part in ("weight", "bias")),
)


def drawn(rng, *shape, low=-1.0, high=1.0):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(np.float32))


def sequence(rng, *shape):
    """Return places whose features lie apart, so that their norms are no quotients of small numbers."""
    apart = rng.permuted(np.broadcast_to(2.0 * np.arange(shape[-1]), shape), axis=-1)
    return ndl.Tensor((apart + rng.uniform(-0.4, 0.4, size=shape)).astype(np.float32))


def parameters(layer):
    found = {}
    for name in LEARNED:
        one = layer
        for part in name.split("."):
            one = getattr(one, part)
        found[name] = one
    return found


def layer_of(rng, *sizes, **options):
    layer = ndl.nn.TransformerLayer(*sizes, **options)
    for name, one in parameters(layer).items():
        norm = "norm" in name and name.endswith("weight")
        one.data = drawn(rng, *one.shape, **({"low": 0.5} if norm else {"low": -0.5, "high": 0.5}))
    return layer


def outcome_and_gradients(rng, layer, x):
    y = layer(x)
    y.backward(drawn(rng, *y.shape))
    grads = {name: one.grad for name, one in parameters(layer).items()}
    del grads["attention.prenorm_k.bias"]  # it moves all scores of a query alike: 0
    return {"y": y, "x": x.grad, "parameters": len(layer.parameters()), **grads}


@case()
def with_a_mask(rng):
    return outcome_and_gradients(rng, layer_of(rng, 4, 2, 3, 5), sequence(rng, 2, 3, 4))


@case()
def without_a_mask(rng):
    return outcome_and_gradients(rng, layer_of(rng, 5, 1, 4, 3, causal=False), sequence(rng, 3, 4, 5))


@case()
def with_dropout(rng):
    layer = layer_of(rng, 4, 2, 2, 6, dropout=0.3)
    x = sequence(rng, 2, 4, 4)
    trained = outcome_and_gradients(rng, layer, x)
    layer.eval()
    return {"trained": trained, "in use": layer(x)}


@case()
def as_it_is_drawn(rng):
    return ndl.nn.TransformerLayer(6, 2, 3, 4)(sequence(rng, 2, 3, 6))
