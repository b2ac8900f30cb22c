"""logsoftmax_gradient: what an element gets is taken away from its row, by probability."""

import math

import numpy as np
from hypothesis import given

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

batches = arrays(shapes(2, 2, 4))
LOG = math.log


def square():
    """Return two rows with the probabilities 1/4, 3/4 and 3/4, 1/4."""
    return ndl.Tensor([[0, LOG(3)], [LOG(3), 0]], dtype="float32")


def test_what_one_of_two_equal_logits_gains_the_other_loses():
    a = ndl.Tensor([[5, 5]], dtype="float32")
    because = "log p[0] = a[0] - log(e^a[0] + e^a[1]): its slopes are 1 - 1/2 and -1/2."
    gradient(ndl.logsoftmax, a, out_grad=[[1, 0]])[0].returns([[0.5, -0.5]], because=because)


def test_each_logit_loses_its_probabilitys_share_of_the_rows_whole_weight():
    a = ndl.Tensor([[0, LOG(3)]], dtype="float32")
    because = "the row weighs 4 + 40 = 44, and the probabilities are 1/4, 3/4: 4 - 44/4 and 40 - 44 * 3/4."
    gradient(ndl.logsoftmax, a, out_grad=[[4, 40]])[0].returns([[-7, 7]], because=because)


def test_each_row_is_treated_by_itself():
    because = "the rows weigh 8 and 80: row 0 is 4 - 8/4, 4 - 8 * 3/4, and row 1 is 80 - 80 * 3/4, 0 - 80/4."
    gradient(ndl.logsoftmax, square(), out_grad=[[4, 4], [80, 0]])[0].returns(
        [[2, -2], [20, -20]], because=because
    )


def test_no_exponential_overflows_or_vanishes():
    a = ndl.Tensor([[10000, 10000], [-10000, -10000], [10000, 0]], dtype="float32")
    because = "the probabilities are 1/2, 1/2 twice, and 1, 0; the rows weigh 4, 4 and 1."
    gradient(ndl.logsoftmax, a, out_grad=[[4, 0], [0, 4], [0, 1]])[0].returns(
        [[2, -2], [-2, 2], [-1, 1]], rtol=1e-3, because=because
    )


@reproducible
@given(batches)
def test_the_gradient_is_the_measured_slope_for_any_batch(a):
    gradient(ndl.logsoftmax, ndl.Tensor(a)).agrees_with_differences().keeps()


@reproducible
@given(batches)
def test_the_gradient_of_each_row_sums_to_nothing(a):
    made = gradient(ndl.logsoftmax, ndl.Tensor(a))
    sums = [math.fsum(row) for row in made.value[0].numpy().tolist()]
    because = "adding one number to a whole row changes nothing, so the slopes of a row cancel."
    if max(map(abs, sums)) > 1e-4 * a.size * a.size:
        found = f"rows that sum to {[round(one, 4) for one in sums]}"
        made.fail("the slopes of a row do not cancel", found, "rows that sum to 0", because)


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.logsoftmax, ndl.Tensor([[1, 2]], dtype=dtype)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.logsoftmax, square()).can_be_differentiated_again()
