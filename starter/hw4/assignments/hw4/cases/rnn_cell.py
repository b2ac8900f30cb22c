import numpy as np

import needle as ndl
from grader import case

NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def drawn(rng, *shape, scale=0.5):
    return ndl.Tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


def outcome_and_gradients(rng, cell, batch, ins, hidden):
    """Return what a cell makes of a drawn input and state, and all gradients."""
    for name in NAMES:
        if getattr(cell, name) is not None:
            getattr(cell, name).data = drawn(rng, *getattr(cell, name).shape)
    X, h = drawn(rng, batch, ins), drawn(rng, batch, hidden)
    out = cell(X, h)
    out.backward(drawn(rng, batch, hidden))
    weights = [getattr(cell, name) for name in NAMES]
    grads = [None if weight is None else weight.grad for weight in weights]
    return {"out": out, "X": X.grad, "h": h.grad, "weights": grads, "found": len(cell.parameters())}


@case()
def one_step(rng):
    return outcome_and_gradients(rng, ndl.nn.RNNCell(3, 4), 2, 3, 4)


@case()
def one_step_with_relu(rng):
    return outcome_and_gradients(rng, ndl.nn.RNNCell(5, 4, nonlinearity="relu"), 6, 5, 4)


@case()
def without_a_bias(rng):
    return outcome_and_gradients(rng, ndl.nn.RNNCell(2, 5, bias=False), 3, 2, 5)


@case()
def as_it_is_drawn_and_three_steps_of_it_from_no_state(rng):
    cell = ndl.nn.RNNCell(4, 3)
    h, states = None, []
    for _ in range(3):
        h = cell(drawn(rng, 2, 4, scale=1.0), h)
        states.append(h)
    h.backward(drawn(rng, 2, 3))
    weights = [getattr(cell, name) for name in NAMES]
    kinds = [type(weight) is ndl.nn.Parameter for weight in weights]
    grads = [weight.grad for weight in weights]
    return {"states": states, "weights": weights, "kinds": kinds, "grads": grads, "next": np.random.rand()}


@case()
def with_weights_replaced_by_tensors(rng):
    cell = ndl.nn.RNNCell(3, 2)
    for name in NAMES:
        setattr(cell, name, drawn(rng, *getattr(cell, name).shape))
    out = cell(drawn(rng, 4, 3), drawn(rng, 4, 2))
    out.backward(drawn(rng, 4, 2))
    return [out, [getattr(cell, name).grad for name in NAMES]]
