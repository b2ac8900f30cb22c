"""softmax_regression_epoch_cpp: the epoch once more, on bare memory, so that indexing mistakes show."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from simple_ml_ext import softmax_regression_epoch_cpp

from grader.expect import call
from grader.expect.drawing import reproducible

simple = st.sampled_from([0.0, 1.0, -1.0, 0.5, -1.5, 2.0])  # so that a failing input is easy to read


def epoch(X, y, theta, lr, batch):
    """Make the call with compact arrays of the types that the C++ code takes."""
    return call(
        softmax_regression_epoch_cpp,
        X=np.array(X, dtype=np.float32),
        y=np.array(y, dtype=np.uint8),
        theta=np.array(theta, dtype=np.float32),
        lr=lr,
        batch=batch,
    )


@st.composite
def problems(draw):
    """Draw a small X, y and theta as lists of rows."""
    examples, features, classes = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(2, 4))

    def rows(count, length):
        row = st.lists(simple, min_size=length, max_size=length)
        return draw(st.lists(row, min_size=count, max_size=count))

    labels = draw(st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples))
    return rows(examples, features), labels, rows(features, classes)


def mean_loss(theta, rows, labels):
    """Return the mean loss in double precision, with one scalar at a time."""
    losses = []
    for x, label in zip(rows, labels, strict=True):
        scores = [math.fsum(x[j] * theta[j][c] for j in range(len(x))) for c in range(len(theta[0]))]
        losses.append(math.log(math.fsum(math.exp(score) for score in scores)) - scores[label])
    return math.fsum(losses) / len(losses)


def slope(theta, rows, labels, j, c):
    """Return how fast the mean loss grows with theta[j][c], measured by moving it a little both ways."""

    def moved(distance):
        nearby = [list(row) for row in theta]
        nearby[j][c] += distance
        return mean_loss(nearby, rows, labels)

    return (moved(1e-5) - moved(-1e-5)) / 2e-5


def test_one_example_moves_theta_as_worked_by_hand():
    because = "both probabilities are 1/2: the gradient is [1, 2] times [1/2, 1/2 - 1]. theta -= 0.5 of it."
    epoch([[1, 2]], [1], [[0, 0], [0, 0]], 0.5, 1).turns(
        "theta", into=[[-0.25, 0.25], [-0.5, 0.5]], because=because
    )


def test_rows_and_columns_are_not_mixed_up():
    because = "theta has 2 rows and 3 columns: row j, column c is theta[j * k + c] with k = 3."
    epoch([[1, 0]], [2], [[0, 0, 0], [5, 6, 7]], 3.0, 1).turns(
        "theta", into=[[-1, -1, 2], [5, 6, 7]], because=because
    )


def test_a_short_last_batch_counts_and_is_averaged_over_its_own_length():
    because = (
        "examples 0 and 1 share a batch and are halved; example 2 is alone in the last, and is divided by 1."
    )
    epoch([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 1, 0], [[0, 0], [0, 0], [0, 0]], 1.0, 2).turns(
        "theta", into=[[0.25, -0.25], [-0.25, 0.25], [0.5, -0.5]], because=because
    )


def test_a_batch_larger_than_the_data_is_one_step_and_reads_nothing_beyond():
    epoch([[1], [1]], [0, 0], [[0, 0]], 1.0, 50).turns("theta", into=[[0.5, -0.5]])


def test_only_theta_changes():
    made = epoch([[1, -1]], [2], [[0, 0, 0], [0, 0, 0]], 0.3, 1)
    made.turns("theta", into=[[-0.1, -0.1, 0.2], [0.1, 0.1, -0.2]])
    made.returns_nothing().keeps("X", "y")


@reproducible
@given(problems())
def test_one_step_goes_down_the_measured_slope(problem):
    rows, labels, theta = problem
    slopes = [[slope(theta, rows, labels, j, c) for c in range(len(theta[0]))] for j in range(len(theta))]
    because = (
        f"with lr = 1, theta goes down by the slopes of the mean loss, here {np.round(slopes, 4).tolist()}."
    )
    epoch(rows, labels, theta, 1.0, len(rows)).turns(
        "theta", into=np.subtract(theta, slopes), because=because
    )


@reproducible
@given(problems(), st.integers(1, 4))
def test_an_epoch_is_its_batches_one_after_the_other(problem, batch):
    rows, labels, theta = problem
    pieces = theta
    for start in range(0, len(rows), batch):
        piece = rows[start : start + batch]
        pieces = epoch(piece, labels[start : start + batch], pieces, 0.5, len(piece)).after["theta"]
    because = (
        "the same examples, passed batch by batch in their order, each step beginning where the last ended."
    )
    epoch(rows, labels, theta, 0.5, batch).turns("theta", into=pieces, because=because)
