"""softmax_loss: losses worked by hand, labels that are none, any batch row by row, and its slopes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, raises, seen, shown_as
from grader.expect.drawing import arrays, reproducible


def loss():
    """Return a new module, which failures show as the Python that makes it."""
    return shown_as("ndl.nn.SoftmaxLoss()", ndl.nn.SoftmaxLoss())


def logits(*rows, dtype="float32"):
    return ndl.Tensor(np.array(rows, dtype=dtype))


def labels(*numbers, dtype="int64"):
    return ndl.Tensor(np.array(numbers, dtype=dtype), requires_grad=False)


def gradient_of(z, y):
    """Return the logits' gradient, to be checked."""
    lines = (
        f"z = ndl.Tensor({np.asarray(z).tolist()}, dtype='float32')",
        f"y = ndl.Tensor({[*y]}, requires_grad=False)",
        "ndl.nn.SoftmaxLoss()(z, y).backward()",
    )
    made, text = {}, "; ".join(lines)
    try:
        exec("\n".join(lines), {"ndl": ndl}, made)
    except Exception as error:
        error.needle_call = text  # which the report of a failure shows
        raise
    return seen(f"{text}; z.grad", made["z"].grad)


def loss_of_row(scores, label):
    """Return one example's loss from a list of Python floats."""
    return math.log(math.fsum(math.exp(score) for score in scores)) - scores[label]


@st.composite
def batches(draw):
    """Draw a table of logits, and a label for each of its rows."""
    rows, classes = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    z = draw(arrays((rows, classes), -3, 3))
    return z, draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))


def test_two_classes_have_the_loss_worked_by_hand():
    because = "log(e^0 + e^1) - 1 = 0.3132617, if class 1 is right."
    call(loss(), logits([0, 1]), labels(1)).returns(0.3132617, because=because)
    because = "log(e^0 + e^1) - 0 = 1.3132617, if class 0 is right."
    call(loss(), logits([0, 1]), labels(0)).returns(1.3132617, because=because)


def test_the_loss_is_the_mean_over_the_examples():
    because = "the examples lose 0.3132617, 1.3132617 and 1.3132617; their sum is 2.9397851, and there are 3."
    z = logits([0, 1], [0, 1], [1, 0])
    call(loss(), z, labels(1, 0, 1)).returns(0.9799284, because=because)


def test_equal_logits_of_ten_classes_lose_log_10():
    because = "ten equal logits give each class the probability 1/10, and -log(1/10) = log 10 = 2.302585."
    call(loss(), logits([0] * 10, [3] * 10), labels(4, 9)).returns(2.302585, because=because)


def test_logits_of_a_thousand_neither_overflow_nor_vanish():
    because = "log(e^1000 + e^-1000) is 1000 to all digits, so the loss is 1000 - z[y]: 0 and 2000."
    z = logits([1000, -1000], [1000, -1000])
    call(loss(), z, labels(0, 1)).returns(1000, because=f"{because} Their mean is 1000.")
    found = gradient_of([[1000, -1000], [1000, -1000]], [0, 1])
    because = "the softmax is (1, 0) in both rows: for the label 0 right, for 1 off by (1, -1), halved."
    found.returns([[0, 0], [0.5, -0.5]], because=because)


def test_labels_are_whole_numbers_of_whatever_dtype():
    because = "one_hot reads whole numbers as labels, also those that a data loader made float32."
    for dtype in ("uint8", "int32", "float32"):
        made = call(loss(), logits([0, 1], [0, 1]), labels(1, 0, dtype=dtype))
        made.returns(0.8132617, because=because).has_dtype(np.float32)


def test_a_label_that_is_no_class_is_refused_and_named():
    call(loss(), logits([0, 1]), labels(1)).returns(0.3132617, because="1 is a class: log(1 + e) - 1.")
    because = "there are 2 classes, 0 and 1; init.one_hot refuses all others, and names them."
    for label in (7, 2, -1):
        raises(ValueError, loss(), logits([0, 1]), labels(label), naming=[str(label)], because=because)


def test_the_loss_is_a_single_number_of_the_logits_dtype():
    call(loss(), logits([1, 2, 4]), labels(0)).has_shape(()).has_type(ndl.Tensor).has_dtype(
        np.float32, because="a loss of float64 makes every gradient float64."
    )
    double = call(loss(), logits([1, 2, 4], dtype="float64"), labels(0))
    double.has_dtype(np.float64, because="the logits decide on the dtype.")


@reproducible
@given(batches())
def test_any_batch_has_the_mean_of_its_rows_losses(drawn):
    z, y = drawn
    rows = [loss_of_row(scores, label) for scores, label in zip(z.tolist(), y, strict=True)]
    because = f"row by row, log(sum of exp(z)) - z[label] is {[round(row, 4) for row in rows]}."
    made = call(loss(), ndl.Tensor(z), labels(*y))
    made.returns(math.fsum(rows) / len(rows), because=because).keeps(because="the loss changes no input.")


@reproducible
@given(batches())
def test_the_gradient_of_the_logits_is_the_measured_slope(drawn):
    z, y = drawn

    def outcome(z):
        rows = [loss_of_row(scores, label) for scores, label in zip(z.tolist(), y, strict=True)]
        return math.fsum(rows) / len(rows)

    [slopes] = central_differences(outcome, z, out_grad=1.0)
    because = "each logit moves the loss of its own row, of which the mean is taken."
    gradient_of(z, y).returns(slopes, rtol=1e-3, because=because).has_dtype(np.float32)
