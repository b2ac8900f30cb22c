import numpy as np

import needle as ndl
from grader import case

NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def drawn(rng, *shape, scale=0.7):
    return ndl.Tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


def weights_of(lstm):
    named = [getattr(cell, name) for cell in lstm.lstm_cells for name in NAMES]
    return [weight for weight in named if weight is not None]


def set_by_name(rng, lstm):
    for weight in weights_of(lstm):
        weight.data = drawn(rng, *weight.shape)
    return lstm


def outcome_and_gradients(rng, lstm, X, state):
    """Return what a network makes of a sequence, and the gradients of all that it is made of."""
    output, (h_n, c_n) = lstm(X, state)
    parts = [(part * drawn(rng, *part.shape)).sum() for part in (output, h_n, c_n)]
    (parts[0] + parts[1] + parts[2]).backward()
    grads = [weight.grad for weight in weights_of(lstm)]
    found = len(lstm.parameters())
    return {"output": output, "h_n": h_n, "c_n": c_n, "X": X.grad, "grads": grads, "found": found}


@case(seeds=64)
def one_layer_from_a_state(rng):
    lstm = set_by_name(rng, ndl.nn.LSTM(3, 4))
    h0, c0 = drawn(rng, 1, 2, 4), drawn(rng, 1, 2, 4)
    made = outcome_and_gradients(rng, lstm, drawn(rng, 4, 2, 3), (h0, c0))
    return {**made, "h0": h0.grad, "c0": c0.grad}


@case(seeds=64)
def three_layers_from_a_state(rng):
    lstm = set_by_name(rng, ndl.nn.LSTM(2, 3, num_layers=3))
    h0, c0 = drawn(rng, 3, 4, 3), drawn(rng, 3, 4, 3)
    made = outcome_and_gradients(rng, lstm, drawn(rng, 2, 4, 2), (h0, c0))
    return {**made, "h0": h0.grad, "c0": c0.grad}


@case(seeds=64)
def two_layers_from_zeros_as_they_are_drawn(rng):
    lstm = ndl.nn.LSTM(4, 4, num_layers=2)
    made = outcome_and_gradients(rng, lstm, drawn(rng, 3, 5, 4, scale=1.5), None)
    return {**made, "weights": weights_of(lstm), "next": np.random.rand()}


@case(seeds=64)
def two_parts_of_a_sequence_without_a_bias(rng):
    lstm = set_by_name(rng, ndl.nn.LSTM(3, 5, num_layers=2, bias=False))
    first, middle = lstm(drawn(rng, 2, 2, 3))
    second, last = lstm(drawn(rng, 3, 2, 3), middle)
    again, _ = lstm(drawn(rng, 2, 2, 3))  # from zeros, whatever came before
    return [first, list(middle), second, list(last), again, len(lstm.parameters())]
