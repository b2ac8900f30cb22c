import numpy as np

import needle as ndl
from grader import case

NORMS, PROJECTIONS = ("prenorm_q", "prenorm_k", "prenorm_v"), ("q", "k", "v", "out")


def drawn(rng, *shape, low=-1.0, high=1.0):
    return ndl.Tensor(rng.uniform(low, high, size=shape).astype(np.float32))


def sequence(rng, *shape):
    """Return places whose features lie apart, so that their norms are no quotients of small numbers."""
    apart = rng.permuted(np.broadcast_to(np.arange(shape[-1], dtype=np.float64), shape), axis=-1)
    return ndl.Tensor((apart + rng.uniform(-0.4, 0.4, size=shape)).astype(np.float32))


def parameters(layer):
    found = {
        f"{name}.{part}": getattr(getattr(layer, name), part) for name in NORMS for part in ("weight", "bias")
    }
    return found | {name: getattr(layer, f"{name}_projection").weight for name in PROJECTIONS}


def layer_of(rng, *sizes, **options):
    layer = ndl.nn.AttentionLayer(*sizes, **options)
    for name, one in parameters(layer).items():
        one.data = drawn(rng, *one.shape, **({"low": 0.5} if name.endswith(".weight") else {}))
    return layer


def outcome_and_gradients(rng, layer, *inputs):
    y = layer(*inputs)
    y.backward(drawn(rng, *y.shape))
    grads = {name: one.grad for name, one in parameters(layer).items()}
    del grads["prenorm_k.bias"]  # it moves all scores of a query alike, which a softmax can't see: 0
    return {"y": y, "inputs": [one.grad for one in inputs], **grads}


@case(rtol=3e-4)
def of_itself(rng):
    return outcome_and_gradients(rng, layer_of(rng, 4, 2, 3), sequence(rng, 2, 3, 4))


@case(rtol=3e-4)
def of_another_sequence_without_a_mask(rng):
    layer = layer_of(rng, 3, 2, 2, k_features=5, causal=False)
    return outcome_and_gradients(rng, layer, sequence(rng, 2, 3, 3), sequence(rng, 2, 4, 5))


@case(rtol=3e-4)
def of_three_sequences(rng):
    layer = layer_of(rng, 5, 3, 1, k_features=4, v_features=6, out_features=3)
    inputs = [sequence(rng, 1, 2, 5), sequence(rng, 1, 4, 4), sequence(rng, 1, 4, 6)]
    return outcome_and_gradients(rng, layer, *inputs)


@case(rtol=3e-4)
def with_dropout(rng):
    layer = layer_of(rng, 4, 2, 2, dropout=0.4)
    x = sequence(rng, 2, 4, 4)
    trained = outcome_and_gradients(rng, layer, x)
    layer.eval()
    return {"trained": trained, "in use": layer(x)}
