import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def outcome_and_gradients(rng, *sizes, x, **options):
    """Return what a Transformer, as the seeded NumPy draws it, makes of an input, and some gradients."""
    model = ndl.nn.Transformer(*sizes, **options)
    x = drawn(rng, *x)
    y, state = model(x)
    y.backward(drawn(rng, *y.shape))
    last = model.layers[-1]
    found = {"y": y, "state": state, "x": x.grad, "positions": model.positions.weight.grad}
    grads = {"linear2": last.linear2.weight.grad, "v": last.attention.v_projection.weight.grad}
    return found | grads | {"parameters": len(model.parameters())}


@case(seeds=256, rtol=1e-3)
def of_one_layer(rng):
    return outcome_and_gradients(rng, 4, 6, 1, num_head=2, dim_head=3, sequence_len=5, x=(5, 2, 4))


@case(seeds=256, rtol=1e-3)
def of_two_layers_with_the_batch_first(rng):
    options = {"num_head": 1, "dim_head": 4, "sequence_len": 6, "batch_first": True}
    return outcome_and_gradients(rng, 5, 3, 2, x=(3, 4, 5), **options)


@case(seeds=256, rtol=1e-3)
def without_a_mask_and_with_dropout(rng):
    options = {"num_head": 2, "dim_head": 2, "sequence_len": 4, "causal": False, "dropout": 0.2}
    return outcome_and_gradients(rng, 4, 4, 2, x=(3, 2, 4), **options)


@case(seeds=64)
def with_the_default_sizes(rng):
    model = ndl.nn.Transformer(6, 4, 1)
    return {
        "y": model(drawn(rng, 3, 2, 6))[0],
        "shapes": sorted(str(one.shape) for one in model.parameters()),
    }


@case(seeds=64)
def of_a_sequence_that_is_too_long(rng):
    model = ndl.nn.Transformer(6, 4, 1, num_head=1, dim_head=2, sequence_len=10)
    try:
        model(drawn(rng, 11, 1, 6))
    except ValueError as error:
        return {"says": "11" in str(error), "of 10": model(drawn(rng, 10, 1, 6))[0]}
