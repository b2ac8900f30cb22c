import numpy as np

import needle as ndl
from grader import case

NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def drawn(rng, *shape, scale=0.5):
    return ndl.Tensor(rng.normal(scale=scale, size=shape).astype(np.float32))


def weights_of(rnn):
    return [
        getattr(cell, name) for cell in rnn.rnn_cells for name in NAMES if getattr(cell, name) is not None
    ]


def set_by_name(rng, rnn):
    for weight in weights_of(rnn):
        weight.data = drawn(rng, *weight.shape)
    return rnn


def outcome_and_gradients(rng, rnn, X, h0):
    """Return what a network makes of a sequence, and the gradients of all that it is made of."""
    output, h_n = rnn(X, h0)
    ((output * drawn(rng, *output.shape)).sum() + (h_n * drawn(rng, *h_n.shape)).sum()).backward()
    grads = [weight.grad for weight in weights_of(rnn)]
    return {"output": output, "h_n": h_n, "X": X.grad, "weights": grads, "found": len(rnn.parameters())}


@case(seeds=64)
def one_layer_from_h0(rng):
    rnn = set_by_name(rng, ndl.nn.RNN(3, 4))
    h0 = drawn(rng, 1, 2, 4)
    return {**outcome_and_gradients(rng, rnn, drawn(rng, 4, 2, 3), h0), "h0": h0.grad}


@case(seeds=64)
def three_layers_from_h0(rng):
    rnn = set_by_name(rng, ndl.nn.RNN(2, 3, num_layers=3))
    h0 = drawn(rng, 3, 4, 3)
    return {**outcome_and_gradients(rng, rnn, drawn(rng, 3, 4, 2), h0), "h0": h0.grad}


@case(seeds=64)
def two_layers_from_zeros_as_they_are_drawn(rng):
    rnn = ndl.nn.RNN(4, 4, num_layers=2)
    made = outcome_and_gradients(rng, rnn, drawn(rng, 3, 5, 4), None)
    return {**made, "weights": weights_of(rnn), "next": np.random.rand()}


@case(seeds=64)
def two_parts_of_a_sequence_with_relu_and_without_a_bias(rng):
    rnn = ndl.nn.RNN(3, 5, num_layers=2, bias=False, nonlinearity="relu")
    set_by_name(rng, rnn)
    first, middle = rnn(drawn(rng, 2, 2, 3))
    second, last = rnn(drawn(rng, 3, 2, 3), middle)
    again, _ = rnn(drawn(rng, 2, 2, 3))  # from zeros, whatever came before
    return [first, middle, second, last, again, len(rnn.parameters())]
