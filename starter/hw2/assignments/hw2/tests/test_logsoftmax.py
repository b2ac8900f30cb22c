"""logsoftmax: probabilities worked by hand, one row at a time, and logits whose exponentials overflow."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen
from grader.expect.drawing import arrays, reproducible, shapes

batches = arrays(shapes(2, 2, 5))
LOG = math.log


def test_two_equal_logits_have_the_probability_one_half():
    a = ndl.Tensor([[7, 7]], dtype="float32")
    call(ndl.logsoftmax, a).returns([[-LOG(2), -LOG(2)]], because="log(1/2) = -0.6931472.")


def test_each_row_has_the_probabilities_worked_by_hand():
    a = ndl.Tensor([[0, LOG(3)], [LOG(5), LOG(3)]], dtype="float32")
    because = "the exponentials [[1, 3], [5, 3]] make 4 and 8 by rows: 1/4 and 3/4, 5/8 and 3/8."
    call(ndl.logsoftmax, a).returns([[LOG(1 / 4), LOG(3 / 4)], [LOG(5 / 8), LOG(3 / 8)]], because=because)


def test_a_single_class_is_certain():
    a = ndl.Tensor([[3], [-2]], dtype="float32")
    call(ndl.logsoftmax, a).returns(
        [[0], [0]], because="the only class has the probability 1, and log 1 = 0."
    )


def test_large_logits_do_not_overflow():
    a = ndl.Tensor([[10000, 10000], [-10000, -10000]], dtype="float32")
    because = "only differences within a row count: equal logits have the probability 1/2, however large."
    expected = [[-LOG(2), -LOG(2)], [-LOG(2), -LOG(2)]]
    call(ndl.logsoftmax, a).returns(expected, rtol=1e-3, because=because)


def test_a_probability_too_small_for_a_float_still_has_its_logarithm():
    a = ndl.Tensor([[0, 1000], [10000, 0]], dtype="float32")
    because = "e^-1000 is 0 as a float, and log 0 is -inf; but a - log(sum of exp(a)) is 0 - 1000."
    call(ndl.logsoftmax, a).returns([[-1000, 0], [0, -10000]], rtol=1e-6, because=because)


@reproducible
@given(batches)
def test_any_batch_has_its_logits_less_the_logarithms_of_its_rows_sums(a):
    rows = [[score - LOG(math.fsum(map(math.exp, row))) for score in row] for row in a.tolist()]
    because = "of each logit z in a row goes log(sum of exp(z) over that row)."
    call(ndl.logsoftmax, ndl.Tensor(a)).returns(rows, because=because).keeps()


@reproducible
@given(batches, st.integers(-1000, 1000))
def test_adding_a_number_to_a_row_changes_nothing(a, shift):
    shifted = a.copy()
    shifted[0] += np.float32(shift)
    because = "e^(z+c) = e^c e^z, and e^c cancels in the probabilities of that row."
    expected = ndl.logsoftmax(ndl.Tensor(a))
    call(ndl.logsoftmax, ndl.Tensor(shifted)).returns(expected, rtol=1e-3, because=because)


@reproducible
@given(batches)
def test_the_probabilities_of_each_row_make_one(a):
    for at, row in enumerate(ndl.logsoftmax(ndl.Tensor(a)).numpy().tolist()):
        text = f"np.exp(ndl.logsoftmax(ndl.Tensor({a.tolist()})).numpy())[{at}].sum()"
        total = math.fsum(map(math.exp, row))
        seen(text, total).returns(1.0, because="one of the classes is the right one: the row sums to 1.")


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        call(ndl.logsoftmax, ndl.Tensor([[1, 2]], dtype=dtype)).has_dtype(dtype)
