"""logsumexp_gradient: each element gets its share of the sum of exponentials."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, axes_of, reproducible, shapes

arrays_and_axes = shapes(0, 4, 3).flatmap(lambda shape: st.tuples(arrays(shape), axes_of(shape)))
LOG = math.log
_SHARES = "the exponentials are [[1, 3], [3, 1]]: "


def square():
    """Return a square with the exponentials 1 and 3 in each row and column."""
    return ndl.Tensor([[0, LOG(3)], [LOG(3), 0]], dtype="float32")


def test_two_equal_elements_share_the_weight_of_their_outcome():
    a = ndl.Tensor([5, 5], dtype="float32")
    because = "each is half of the sum of exponentials: it gets half of 3."
    gradient(ndl.logsumexp, a, out_grad=3)[0].returns([1.5, 1.5], because=because)


def test_an_element_gets_its_share_of_the_sum_of_exponentials():
    a = ndl.Tensor([0, LOG(3)], dtype="float32")
    because = "the exponentials 1 and 3 make 4: the shares are 1/4 and 3/4, of 8."
    gradient(ndl.logsumexp, a, out_grad=8)[0].returns([2, 6], because=because)


def test_the_elements_of_a_row_share_that_rows_weight():
    because = f"{_SHARES}row 0 has the shares 1/4, 3/4 of 4, and row 1 has 3/4, 1/4 of 40."
    for axes in (1, -1, (1,), (-1,)):
        gradient(ndl.logsumexp, square(), axes=axes, out_grad=[4, 40])[0].returns(
            [[1, 3], [30, 10]], because=because
        )


def test_the_elements_of_a_column_share_that_columns_weight():
    because = f"{_SHARES}column 0 has the shares 1/4, 3/4 of 4, and column 1 has 3/4, 1/4 of 40."
    for axes in (0, -2):
        gradient(ndl.logsumexp, square(), axes=axes, out_grad=[4, 40])[0].returns(
            [[1, 30], [3, 10]], because=because
        )


def test_several_axes_may_stand_in_any_order():
    a = ndl.Tensor([[[0, LOG(2), 0], [LOG(3), 0, LOG(4)]]], dtype="float32")
    because = "over axes 0 and 2 the exponentials are 1, 2, 1 of 4, which weighs 4, and 3, 1, 4 of 8: 80."
    for axes in ((0, 2), (2, 0), (-1, 0), (-3, 2)):
        gradient(ndl.logsumexp, a, axes=axes, out_grad=[4, 80])[0].returns(
            [[[1, 2, 1], [30, 10, 40]]], because=because
        )


def test_no_exponential_overflows_or_vanishes():
    a = ndl.Tensor([[10000, 10000], [-10000, -10000], [10000, 0]], dtype="float32")
    because = "two equal ones share by halves however large they are; beside e^10000 nothing is left for e^0."
    gradient(ndl.logsumexp, a, axes=1, out_grad=[2, 4, 6])[0].returns(
        [[1, 1], [2, 2], [6, 0]], because=because
    )


@reproducible
@given(arrays_and_axes)
def test_the_gradient_is_the_measured_slope_for_any_shape_and_axes(drawn):
    a, axes = drawn
    gradient(ndl.logsumexp, ndl.Tensor(a), axes=axes).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        for axes in (None, 1):
            gradient(ndl.logsumexp, ndl.Tensor([[1, 2]], dtype=dtype), axes=axes).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    for axes in (None, 0, (0, 1)):
        gradient(ndl.logsumexp, square(), axes=axes).can_be_differentiated_again()
