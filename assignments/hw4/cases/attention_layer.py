import numpy as np

import needle as ndl
from grader import case

NORMS, PROJECTIONS = ("prenorm_q", "prenorm_k", "prenorm_v"), ("q", "k", "v", "out")


def drawn(rng, *shape, mean=0.0):
    return ndl.Tensor(rng.normal(mean, 1, size=shape).astype(np.float32))


def parameters(layer):
    found = {
        f"{name}.{part}": getattr(getattr(layer, name), part) for name in NORMS for part in ("weight", "bias")
    }
    return found | {name: getattr(layer, f"{name}_projection").weight for name in PROJECTIONS}


def layer_of(rng, *sizes, **options):
    layer = ndl.nn.AttentionLayer(*sizes, **options)
    for name, one in parameters(layer).items():
        one.data = drawn(rng, *one.shape, mean=1.0 if name.endswith(".weight") else 0.0)
    return layer


def outcome_and_gradients(rng, layer, *inputs):
    y = layer(*inputs)
    y.backward(drawn(rng, *y.shape))
    grads = {name: one.grad for name, one in parameters(layer).items()}
    del grads["prenorm_k.bias"]  # it moves all scores of a query alike, which a softmax can't see: 0
    return {"y": y, "inputs": [one.grad for one in inputs], **grads}


@case()
def of_itself(rng):
    return outcome_and_gradients(rng, layer_of(rng, 4, 2, 3), drawn(rng, 2, 3, 4))


@case()
def of_another_sequence_without_a_mask(rng):
    layer = layer_of(rng, 3, 2, 2, k_features=5, causal=False)
    return outcome_and_gradients(rng, layer, drawn(rng, 2, 3, 3), drawn(rng, 2, 4, 5))


@case()
def of_three_sequences(rng):
    layer = layer_of(rng, 3, 3, 1, k_features=4, v_features=5, out_features=2)
    inputs = [drawn(rng, 1, 2, 3), drawn(rng, 1, 4, 4), drawn(rng, 1, 4, 5)]
    return outcome_and_gradients(rng, layer, *inputs)


@case()
def with_dropout(rng):
    layer = layer_of(rng, 4, 2, 2, dropout=0.4)
    x = drawn(rng, 2, 4, 4)
    trained = outcome_and_gradients(rng, layer, x)
    layer.eval()
    return {"trained": trained, "in use": layer(x)}
