"""softmax_loss: numbers worked by hand, one row at a time, and a graph that leads back to the logits."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from two_layer import softmax_loss

import needle as ndl
from grader.expect import call, reachable, seen
from grader.expect.drawing import arrays, reproducible
from grader.expect.graph import replay

GRAPH = "with Z.numpy() or .data the way back from the loss to Z is lost, and Z gets no gradient."


def logits(*rows, dtype="float32"):
    return ndl.Tensor(np.array(rows, dtype=dtype))


def labelled(classes, *labels, dtype="float32"):
    """Return rows of zeros with a 1 at the label."""
    rows = [[float(at == label) for at in range(classes)] for label in labels]
    return ndl.Tensor(np.array(rows, dtype=dtype), requires_grad=False)


def loss_of_row(scores, label):
    """Return one example's loss from a list of Python floats."""
    return math.log(math.fsum(math.exp(score) for score in scores)) - scores[label]


@st.composite
def batches(draw):
    """Draw a table of logits, and a label for each of its rows."""
    rows, classes = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    Z = draw(arrays((rows, classes), -8, 8))
    return Z, draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))


def test_two_classes_have_the_loss_worked_by_hand():
    because = "log(e^0 + e^1) - 1 = 0.3132617, if class 1 is right."
    call(softmax_loss, logits([0, 1]), labelled(2, 1)).returns(0.3132617, because=because)
    because = "log(e^0 + e^1) - 0 = 1.3132617, if class 0 is right."
    call(softmax_loss, logits([0, 1]), labelled(2, 0)).returns(1.3132617, because=because)


def test_equal_logits_of_ten_classes_lose_log_10():
    because = "ten equal logits give each class the probability 1/10, and -log(1/10) = log 10 = 2.302585."
    Z = logits([0] * 10, [3] * 10, [-1] * 10)
    call(softmax_loss, Z, labelled(10, 0, 4, 9)).returns(2.302585, because=because)


def test_the_loss_is_the_mean_over_the_examples():
    because = "the examples lose 0.3132617, 1.3132617 and 1.3132617; their sum is 2.9397851, and there are 3."
    call(softmax_loss, logits([0, 1], [0, 1], [1, 0]), labelled(2, 1, 0, 1)).returns(
        0.9799284, because=because
    )


def test_the_loss_is_a_tensor_of_the_logits_dtype():
    made = call(softmax_loss, logits([1, 2, 4]), labelled(3, 0))
    made.has_type(ndl.Tensor).has_shape(()).has_dtype(np.float32)
    double = call(softmax_loss, logits([1, 2, 4], dtype="float64"), labelled(3, 0, dtype="float64"))
    double.has_dtype(np.float64, because="no op on the way names a dtype.")


def test_the_graph_of_the_loss_leads_back_to_the_logits():
    Z, y = logits([0, 1, 2], [1, 3, 0]), labelled(3, 2, 0)
    made = call(softmax_loss, Z, y)
    if not any(value is Z for value in reachable(made.value)):
        made.fail(
            "the graph does not lead to Z", "a loss that no op made of Z", "ops from Z to the loss", GRAPH
        )


def test_every_part_of_the_loss_follows_the_logits():
    Z, y = logits([0, 1, 2], [1, 3, 0]), labelled(3, 2, 0)
    made = call(softmax_loss, Z, y)
    moved = np.array([[2, 1, 0], [3, -1, 1]], dtype=np.float32)
    rows = [loss_of_row([2, 1, 0], 2), loss_of_row([3, -1, 1], 0)]
    text = f"{made.text}, and its graph computed again for Z = {moved.tolist()}"
    again = seen(text, np.asarray(replay(made.value, {id(Z): moved})))
    again.returns(math.fsum(rows) / 2, because=f"some part of the loss did not change with Z: {GRAPH}")


@reproducible
@given(batches())
def test_any_batch_has_the_mean_of_its_rows_losses(drawn):
    Z, labels = drawn
    rows = [loss_of_row(scores, label) for scores, label in zip(Z.tolist(), labels, strict=True)]
    made = call(softmax_loss, ndl.Tensor(Z), labelled(Z.shape[1], *labels))
    because = f"row by row, log(sum of exp(z)) - z[label] is {[round(row, 4) for row in rows]}."
    made.returns(math.fsum(rows) / len(rows), because=because).keeps(because="the loss changes no input.")
