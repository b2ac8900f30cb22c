import numpy as np

import needle as ndl
from grader import case

NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def drawn(rng, *shape, scale=0.7):
    return ndl.Tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


def outcome_and_gradients(rng, cell, batch, ins, hidden):
    """Return what a cell makes of a drawn input and state, and all gradients."""
    for name in NAMES:
        if getattr(cell, name) is not None:
            getattr(cell, name).data = drawn(rng, *getattr(cell, name).shape)
    X, h, c = drawn(rng, batch, ins), drawn(rng, batch, hidden), drawn(rng, batch, hidden)
    shown, kept = cell(X, (h, c))
    ((shown * drawn(rng, batch, hidden)).sum() + (kept * drawn(rng, batch, hidden)).sum()).backward()
    weights = [getattr(cell, name) for name in NAMES]
    grads = [None if weight is None else weight.grad for weight in weights]
    inputs = [X.grad, h.grad, c.grad]
    return {"h": shown, "c": kept, "inputs": inputs, "weights": grads, "found": len(cell.parameters())}


@case(seeds=128)
def one_step(rng):
    return outcome_and_gradients(rng, ndl.nn.LSTMCell(3, 4), 2, 3, 4)


@case(seeds=128)
def without_a_bias(rng):
    return outcome_and_gradients(rng, ndl.nn.LSTMCell(4, 3, bias=False), 5, 4, 3)


@case(seeds=128)
def as_it_is_drawn_and_three_steps_of_it_from_no_state(rng):
    cell = ndl.nn.LSTMCell(4, 3)
    state, states = None, []
    for _ in range(3):
        state = cell(drawn(rng, 2, 4, scale=1.5), state)
        states.append(list(state))
    state[0].backward(drawn(rng, 2, 3))
    weights = [getattr(cell, name) for name in NAMES]
    kinds = [type(weight) is ndl.nn.Parameter for weight in weights]
    grads = [weight.grad for weight in weights]
    return {"states": states, "weights": weights, "kinds": kinds, "grads": grads, "next": np.random.rand()}


@case(seeds=128)
def with_weights_replaced_by_tensors(rng):
    cell = ndl.nn.LSTMCell(3, 2)
    for name in NAMES:
        setattr(cell, name, drawn(rng, *getattr(cell, name).shape))
    shown, kept = cell(drawn(rng, 4, 3), (drawn(rng, 4, 2), drawn(rng, 4, 2)))
    shown.backward(drawn(rng, 4, 2))
    return [shown, kept, [getattr(cell, name).grad for name in NAMES]]
