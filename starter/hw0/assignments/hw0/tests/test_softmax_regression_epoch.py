"""softmax_regression_epoch: steps worked by hand, slopes measured by scalar loops, epochs cut into pieces."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from simple_ml import softmax_regression_epoch

from grader.expect import call
from grader.expect.drawing import reproducible

simple = st.sampled_from([0.0, 1.0, -1.0, 0.5, -1.5, 2.0])  # so that a failing input is easy to read


@st.composite
def problems(draw):
    """Draw a small X, y and theta."""
    examples, features, classes = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(2, 4))
    X = draw(st.lists(simple, min_size=examples * features, max_size=examples * features))
    theta = draw(st.lists(simple, min_size=features * classes, max_size=features * classes))
    y = draw(st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples))
    return (
        np.array(X, dtype=np.float32).reshape(examples, features),
        np.array(y, dtype=np.uint8),
        np.array(theta, dtype=np.float32).reshape(features, classes),
    )


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
    X, y = np.array([[1, 2]], dtype=np.float32), np.array([1], dtype=np.uint8)
    theta = np.zeros((2, 2), dtype=np.float32)
    because = "both probabilities are 1/2: the gradient is [1, 2] times [1/2, 1/2 - 1]. theta -= 0.5 of it."
    call(softmax_regression_epoch, X, y, theta, lr=0.5, batch=1).turns(
        "theta", into=[[-0.25, 0.25], [-0.5, 0.5]], because=because
    )


def test_a_short_last_batch_counts_and_is_averaged_over_its_own_length():
    X, y = np.eye(3, dtype=np.float32), np.array([0, 1, 0], dtype=np.uint8)
    theta = np.zeros((3, 2), dtype=np.float32)
    because = (
        "examples 0 and 1 share a batch and are halved; example 2 is alone in the last, and is divided by 1."
    )
    call(softmax_regression_epoch, X, y, theta, lr=1.0, batch=2).turns(
        "theta", into=[[0.25, -0.25], [-0.25, 0.25], [0.5, -0.5]], because=because
    )


def test_a_batch_larger_than_the_data_is_one_step():
    X, y = np.array([[1], [1]], dtype=np.float32), np.array([0, 0], dtype=np.uint8)
    theta = np.zeros((1, 2), dtype=np.float32)
    call(softmax_regression_epoch, X, y, theta, lr=1.0, batch=50).turns("theta", into=[[0.5, -0.5]])


def test_the_defaults_are_lr_one_tenth_and_batches_of_100():
    X, y = np.ones((101, 1), dtype=np.float32), np.array([0] * 100 + [1], dtype=np.uint8)
    theta = np.zeros((1, 2), dtype=np.float32)
    because = (
        "100 examples of class 0 move theta to [0.05, -0.05]; then example 100, of class 1, moves it back."
    )
    call(softmax_regression_epoch, X, y, theta).turns(
        "theta", into=[[-0.00249792, 0.00249792]], because=because
    )


def test_theta_is_updated_in_place_and_all_else_stays():
    X, y = np.array([[1, -1]], dtype=np.float32), np.array([2], dtype=np.uint8)
    theta = np.zeros((2, 3), dtype=np.float32)
    made = call(softmax_regression_epoch, X, y, theta, lr=0.3, batch=1)
    made.turns("theta", into=[[-0.1, -0.1, 0.2], [0.1, 0.1, -0.2]])
    made.returns_nothing(
        because="the caller's theta was changed in place (theta -= ...), so there is nothing to return."
    )
    made.keeps("X", "y")


@reproducible
@given(problems())
def test_one_step_goes_down_the_measured_slope(problem):
    X, y, theta = problem
    start, rows, labels = theta.tolist(), X.tolist(), y.tolist()
    features, classes = theta.shape
    slopes = [[slope(start, rows, labels, j, c) for c in range(classes)] for j in range(features)]
    expected = [[start[j][c] - slopes[j][c] for c in range(classes)] for j in range(features)]
    because = (
        f"with lr = 1, theta goes down by the slopes of the mean loss, here {np.round(slopes, 4).tolist()}."
    )
    call(softmax_regression_epoch, X, y, theta, lr=1.0, batch=len(X)).turns(
        "theta", into=expected, because=because
    )


@reproducible
@given(problems(), st.integers(1, 4))
def test_an_epoch_is_its_batches_one_after_the_other(problem, batch):
    X, y, theta = problem
    pieces = theta.copy()
    for start in range(0, len(X), batch):
        X_piece, y_piece = X[start : start + batch], y[start : start + batch]
        softmax_regression_epoch(X_piece, y_piece, pieces, lr=0.5, batch=len(X_piece))
    because = (
        "the same examples, passed batch by batch in their order, each step beginning where the last ended."
    )
    call(softmax_regression_epoch, X, y, theta, lr=0.5, batch=batch).turns(
        "theta", into=pieces, because=because
    )
