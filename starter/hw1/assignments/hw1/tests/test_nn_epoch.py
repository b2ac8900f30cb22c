"""nn_epoch: steps worked by hand, slopes measured with scalar loops, and epochs cut into pieces."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from two_layer import nn_epoch

import needle as ndl
from grader.expect import call, central_differences
from grader.expect.drawing import arrays, reproducible


def weights(*rows):
    return ndl.Tensor(np.array(rows, dtype=np.float32))


def copies(*tensors):
    """Return Tensors of the same numbers, which share nothing with the others."""
    return [ndl.Tensor(np.array(tensor.numpy())) for tensor in tensors]


def total(left, right):
    """Return the sum of the products of two rows of numbers."""
    return math.fsum(float(a) * float(b) for a, b in zip(left, right, strict=True))


def mean_loss(examples, first, second):
    """Return the network's mean loss on (row, label) pairs in double precision, one scalar at a time."""
    losses = []
    for row, label in examples:
        hidden = [max(total(row, column), 0.0) for column in zip(*first, strict=True)]
        scores = [total(hidden, column) for column in zip(*second, strict=True)]
        losses.append(math.log(math.fsum(math.exp(score) for score in scores)) - scores[label])
    return math.fsum(losses) / len(losses)


@st.composite
def networks(draw):
    """Draw a small X, y, W1 and W2 whose hidden units all lie off relu's corner."""
    examples, features, hidden = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    classes = draw(st.integers(2, 3))
    X = draw(arrays((examples, features), -2, 2, nonzero=True))
    W1 = draw(arrays((features, hidden), -2, 2, nonzero=True))
    W2 = draw(arrays((hidden, classes), -2, 2))
    y = draw(st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples))
    assume(all(total(row, column) != 0 for row in X for column in zip(*W1, strict=True)))
    return X, np.array(y, dtype=np.uint8), W1, W2


def by_hand():
    """Return one example whose step is easy to work out: hidden units 4, 1 and (off) 0, logits 3 and 3."""
    W1, W2 = weights([1, -1, 1], [1, 1, -1]), weights([1, 0], [-1, 3], [1, 5])
    return np.array([[1.5, 2.5]], dtype=np.float32), np.array([1], dtype=np.uint8), W1, W2


def test_one_example_moves_w2_as_worked_by_hand():
    because = (
        "hidden is [4, 1, 0]; at the logits the gradient is [1/2, -1/2]; W2 -= 0.2 of their outer product."
    )
    made = call(nn_epoch, *by_hand(), lr=0.2, batch=1)
    made[1].returns([[0.6, 0.4], [-1.1, 3.1], [1, 5]], because=because)


def test_one_example_moves_w1_as_worked_by_hand():
    because = (
        "[1/2, -1/2] back through the old W2 is [1/2, -2, -2]; unit 2 is off, which leaves [1/2, -2, 0]."
    )
    made = call(nn_epoch, *by_hand(), lr=0.2, batch=1)
    made[0].returns([[0.85, -0.4, 1], [0.75, 2, -1]], because=because)


def test_a_hidden_unit_at_exactly_zero_sends_nothing_back():
    X, y = np.array([[1, 1]], dtype=np.float32), np.array([0], dtype=np.uint8)
    made = call(nn_epoch, X, y, weights([1, 2], [-1, 2]), weights([3, 1], [0, 0]), lr=1.0, batch=1)
    because = "unit 0 gets 1 - 1 = 0, and relu passes a gradient only where its input is above 0."
    made[0].returns([[1, 2], [-1, 2]], because=because)
    made[1].returns([[3, 1], [2, -2]], because="hidden is [0, 4]: only the second row moves.")


def test_a_short_last_batch_counts_and_is_averaged_over_its_own_length():
    X, y = np.eye(3, dtype=np.float32), np.array([0, 1, 0], dtype=np.uint8)
    made = call(
        nn_epoch, X, y, weights([1, 0, 0], [0, 1, 0], [0, 0, 1]), weights(*[[0, 0]] * 3), lr=1.0, batch=2
    )
    because = "examples 0 and 1 share a batch and are halved; example 2 is alone in the last, and is not."
    made[1].returns([[0.25, -0.25], [-0.25, 0.25], [0.5, -0.5]], because=because)


def test_the_defaults_are_lr_one_tenth_and_batches_of_100():
    X, y = np.ones((101, 1), dtype=np.float32), np.array([0] * 100 + [1], dtype=np.uint8)
    made = call(nn_epoch, X, y, weights([1]), weights([0, 0]))
    because = "one step with 100 examples of class 0, by 0.1 / 2, then one with 1 of class 1."
    made[1].returns([[-0.00249792, 0.00249792]], because=because)
    because = "W2 is zero in the first step, so W1 moves in the second only."
    made[0].returns([[0.99475021]], because=because)


def test_the_weights_come_back_as_float32_tensors_with_nothing_behind_them():
    made = call(nn_epoch, *by_hand(), lr=0.5, batch=1)
    for layer in (0, 1):
        made[layer].has_type(ndl.Tensor).has_dtype(np.float32)
        because = "weights that remember how they were made keep every step's graph: memory grows and grows."
        made[layer].retains_no_graph(because=because)
    made.keeps("X", "y", because="only the weights learn.")


@reproducible
@given(networks())
def test_one_step_goes_down_the_measured_slopes_of_both_layers(network):
    X, y, W1, W2 = network
    examples = [*zip(X.tolist(), y.tolist(), strict=True)]
    down = central_differences(lambda first, second: mean_loss(examples, first, second), W1, W2, out_grad=1.0)
    made = call(nn_epoch, X, y, ndl.Tensor(W1), ndl.Tensor(W2), lr=1.0, batch=len(X))
    because = "with lr = 1, each weight goes down by the slope of the mean loss along it, before the step."
    made[1].returns(np.subtract(W2, down[1]), because=because)
    made[0].returns(np.subtract(W1, down[0]), because=because)


@reproducible
@given(networks(), st.integers(1, 3))
def test_an_epoch_is_its_batches_one_after_the_other(network, batch):
    X, y, *layers = network
    start = [ndl.Tensor(layer) for layer in layers]
    pieces = copies(*start)
    for at in range(0, len(X), batch):
        pieces = nn_epoch(X[at : at + batch], y[at : at + batch], *pieces, lr=0.5, batch=batch)
    made = call(nn_epoch, X, y, *start, lr=0.5, batch=batch)
    because = (
        "the same examples, passed batch by batch in their order, each step beginning where the last ended."
    )
    made[0].returns(pieces[0].numpy(), because=because)
    made[1].returns(pieces[1].numpy(), because=because)
