"""nn_epoch: steps worked by hand, slopes measured with scalar loops, and epochs cut into pieces."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from simple_ml import nn_epoch

from grader.expect import call
from grader.expect.drawing import reproducible

simple = st.sampled_from([1.0, -1.0, 0.5, -0.5, 1.5, -1.5])  # few and simple: so is the failing input shown


@st.composite
def networks(draw):
    """Draw a small X, y, W1 and W2 whose hidden units all lie off relu's corner."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(2, 3)))
    examples, features, hidden, classes = shape

    def matrix(rows, columns):
        numbers = draw(st.lists(simple, min_size=rows * columns, max_size=rows * columns))
        return np.array(numbers, dtype=np.float32).reshape(rows, columns)

    X, W1, W2 = matrix(examples, features), matrix(features, hidden), matrix(hidden, classes)
    y = draw(st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples))
    assume(all(total(x, W1[:, h]) != 0 for x in X for h in range(hidden)))
    return X, np.array(y, dtype=np.uint8), W1, W2


def total(left, right):
    """Return the sum of the products of two rows of numbers."""
    return math.fsum(float(a) * float(b) for a, b in zip(left, right, strict=True))


def mean_loss(weights, rows, labels):
    """Return the network's mean loss in double precision, with one scalar at a time."""
    first, second = weights
    losses = []
    for x, label in zip(rows, labels, strict=True):
        hidden = [max(total(x, column), 0.0) for column in zip(*first, strict=True)]
        scores = [total(hidden, column) for column in zip(*second, strict=True)]
        losses.append(math.log(math.fsum(math.exp(score) for score in scores)) - scores[label])
    return math.fsum(losses) / len(losses)


def slopes(weights, rows, labels, layer):
    """Return how fast the mean loss grows with each weight of a layer, measured by moving it both ways."""

    def moved(i, j, distance):
        nearby = [[list(row) for row in matrix] for matrix in weights]
        nearby[layer][i][j] += distance
        return mean_loss(nearby, rows, labels)

    return [
        [(moved(i, j, 1e-5) - moved(i, j, -1e-5)) / 2e-5 for j in range(len(weights[layer][0]))]
        for i in range(len(weights[layer]))
    ]


def by_hand():
    """Return one example whose step is easy to work out: hidden units 3, 1 and (off) 0, logits 2 and 2."""
    W1 = np.array([[1, -1, 1], [1, 1, -1]], dtype=np.float32)
    W2 = np.array([[1, 0], [-1, 2], [1, 5]], dtype=np.float32)
    return np.array([[1, 2]], dtype=np.float32), np.array([0], dtype=np.uint8), W1, W2


def test_one_example_moves_w2_as_worked_by_hand():
    because = (
        "hidden is [3, 1, 0]; at the logits the gradient is [-1/2, 1/2]; W2 -= 0.1 of their outer product."
    )
    call(nn_epoch, *by_hand(), lr=0.1, batch=1).turns(
        "W2", into=[[1.15, -0.15], [-0.95, 1.95], [1, 5]], because=because
    )


def test_one_example_moves_w1_as_worked_by_hand():
    because = (
        "[-1/2, 1/2] back through the old W2 is [-1/2, 3/2, 2]; unit 2 is off, which leaves [-1/2, 3/2, 0]."
    )
    call(nn_epoch, *by_hand(), lr=0.1, batch=1).turns(
        "W1", into=[[1.05, -1.15, 1], [1.1, 0.7, -1]], because=because
    )


def test_a_hidden_unit_at_exactly_zero_sends_nothing_back():
    X, y = np.array([[1, 1]], dtype=np.float32), np.array([0], dtype=np.uint8)
    W1, W2 = np.array([[1, 2], [-1, 2]], dtype=np.float32), np.array([[3, 1], [0, 0]], dtype=np.float32)
    because = "unit 0 gets 1 - 1 = 0, and relu passes a gradient only where its input is above 0."
    call(nn_epoch, X, y, W1, W2, lr=1.0, batch=1).turns("W1", into=[[1, 2], [-1, 2]], because=because).turns(
        "W2", into=[[3, 1], [2, -2]]
    )


def test_a_short_last_batch_counts_and_is_averaged_over_its_own_length():
    X, y = np.eye(3, dtype=np.float32), np.array([0, 1, 0], dtype=np.uint8)
    W1, W2 = np.eye(3, dtype=np.float32), np.zeros((3, 2), dtype=np.float32)
    because = (
        "examples 0 and 1 share a batch and are halved; example 2 is alone in the last, and is divided by 1."
    )
    call(nn_epoch, X, y, W1, W2, lr=1.0, batch=2).turns(
        "W2", into=[[0.25, -0.25], [-0.25, 0.25], [0.5, -0.5]], because=because
    )


def test_the_defaults_are_lr_one_tenth_and_batches_of_100():
    X, y = np.ones((101, 1), dtype=np.float32), np.array([0] * 100 + [1], dtype=np.uint8)
    W1, W2 = np.ones((1, 1), dtype=np.float32), np.zeros((1, 2), dtype=np.float32)
    made = call(nn_epoch, X, y, W1, W2)
    made.turns(
        "W2",
        into=[[-0.00249792, 0.00249792]],
        because="one step with 100 examples of class 0, then one with 1.",
    )
    made.turns(
        "W1", into=[[0.99475021]], because="W2 is zero in the first step, so W1 moves in the second only."
    )


def test_the_weights_are_updated_in_place_and_all_else_stays():
    made = call(nn_epoch, *by_hand(), lr=1.0, batch=1)
    made.turns("W2", into=[[2.5, -1.5], [-0.5, 1.5], [1, 5]])
    made.returns_nothing(
        because="the caller's W1 and W2 were changed in place, so there is nothing to return."
    )
    made.keeps("X", "y")


@reproducible
@given(networks())
def test_one_step_goes_down_the_measured_slopes_of_both_layers(network):
    X, y, W1, W2 = network
    weights, rows, labels = (W1.tolist(), W2.tolist()), X.tolist(), y.tolist()
    down = [slopes(weights, rows, labels, layer) for layer in (0, 1)]
    because = (
        "with lr = 1, each weight goes down by the slope of the mean loss along it, measured before the step."
    )
    call(nn_epoch, X, y, W1, W2, lr=1.0, batch=len(X)).turns(
        "W2", into=np.subtract(weights[1], down[1]), because=because
    ).turns("W1", into=np.subtract(weights[0], down[0]), because=because)


@reproducible
@given(networks(), st.integers(1, 3))
def test_an_epoch_is_its_batches_one_after_the_other(network, batch):
    X, y, W1, W2 = network
    pieces = W1.copy(), W2.copy()
    for start in range(0, len(X), batch):
        X_piece, y_piece = X[start : start + batch], y[start : start + batch]
        nn_epoch(X_piece, y_piece, *pieces, lr=0.5, batch=len(X_piece))
    because = (
        "the same examples, passed batch by batch in their order, each step beginning where the last ended."
    )
    call(nn_epoch, X, y, W1, W2, lr=0.5, batch=batch).turns("W1", into=pieces[0], because=because).turns(
        "W2", into=pieces[1], because=because
    )
