"""softmax_loss: numbers worked by hand, one row at a time, and what must hold for any logits."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from simple_ml import softmax_loss

from grader.expect import call
from grader.expect.drawing import reproducible


@st.composite
def batches(draw):
    """Draw rows of logits in eighths, which float32 holds exactly, and a label for each row."""
    rows, classes = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    score = st.integers(-64, 64).map(lambda eighths: eighths / 8)
    Z = draw(st.lists(st.lists(score, min_size=classes, max_size=classes), min_size=rows, max_size=rows))
    y = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return np.array(Z, dtype=np.float32), np.array(y, dtype=np.uint8)


def loss_of_row(scores, label):
    """Return one example's loss from a list of Python floats."""
    return math.log(math.fsum(math.exp(score) for score in scores)) - scores[label]


def test_equal_logits_of_ten_classes_lose_log_10():
    Z, y = np.zeros((3, 10), dtype=np.float32), np.array([0, 4, 9], dtype=np.uint8)
    because = "ten equal logits give each class the probability 1/10, and -log(1/10) = log 10 = 2.302585."
    call(softmax_loss, Z, y).returns(math.log(10), because=because)


def test_two_classes_have_the_loss_worked_by_hand():
    Z = np.array([[0, 1]], dtype=np.float32)
    call(softmax_loss, Z, np.array([1], dtype=np.uint8)).returns(
        0.3132617, because="log(e^0 + e^1) - 1 = 0.3132617."
    )
    call(softmax_loss, Z, np.array([0], dtype=np.uint8)).returns(
        1.3132617, because="log(e^0 + e^1) - 0 = 1.3132617."
    )


def test_the_loss_is_the_mean_over_the_examples():
    Z, y = np.array([[0, 1], [0, 1]], dtype=np.float32), np.array([1, 0], dtype=np.uint8)
    because = "the two examples lose 0.3132617 and 1.3132617; their mean is 0.8132617."
    call(softmax_loss, Z, y).returns(0.8132617, because=because)


def test_a_confident_and_wrong_answer_loses_about_the_gap():
    Z, y = np.array([[20, 0, 0]], dtype=np.float32), np.array([2], dtype=np.uint8)
    call(softmax_loss, Z, y).returns(20.0, because="e^0 is nothing beside e^20: the loss is the gap, 20.")


@reproducible
@given(batches())
def test_any_batch_has_the_mean_of_its_rows_losses(drawn):
    Z, y = drawn
    rows = [loss_of_row(scores, label) for scores, label in zip(Z.tolist(), y.tolist(), strict=True)]
    because = f"row by row, log(sum of exp(z)) - z[y] is {[round(row, 4) for row in rows]}."
    call(softmax_loss, Z, y).returns(math.fsum(rows) / len(rows), because=because).keeps("Z", "y")


@reproducible
@given(batches(), st.integers(-20, 20))
def test_adding_one_number_to_a_whole_row_changes_nothing(drawn, shift):
    Z, y = drawn
    shifted = Z.copy()
    shifted[0] += shift
    because = "e^(z+c) = e^c e^z, and e^c cancels in the probabilities of that row."
    call(softmax_loss, shifted, y).returns(softmax_loss(Z, y), rtol=1e-3, because=because)
