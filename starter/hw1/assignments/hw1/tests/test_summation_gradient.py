"""summation_gradient: every term of a sum gets what the sum got."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, axes_of, reproducible, shapes

arrays_and_axes = shapes(0, 4, 3).flatmap(lambda shape: st.tuples(arrays(shape), axes_of(shape)))


def test_every_term_of_a_total_gets_the_weight_of_the_total():
    a = ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    because = "the total grows by 1 as any of its terms does, and it weighs 3."
    gradient(ndl.summation, a, out_grad=3)[0].returns([[3, 3], [3, 3]], because=because)


def test_the_terms_of_a_columns_sum_get_that_columns_weight():
    a = ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    because = "axes=0 sums each column; out_grad[j] is the weight of column j, so every row is [1, 10]."
    gradient(ndl.summation, a, axes=0, out_grad=[1, 10])[0].returns([[1, 10], [1, 10]], because=because)


def test_the_terms_of_a_rows_sum_get_that_rows_weight():
    a = ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    because = "axes=1 sums each row; out_grad[i] goes to row i. [1, 10] by itself would be spread as a row."
    gradient(ndl.summation, a, axes=1, out_grad=[1, 10])[0].returns([[1, 1], [10, 10]], because=because)


def test_a_negative_axis_counts_from_the_end():
    a = ndl.Tensor([[5, 6, 7], [7, 8, 9]], dtype="float32")
    because = "axis -1 of two is axis 1: out_grad[i] goes to all of row i."
    for axes in (-1, (-1,)):
        gradient(ndl.summation, a, axes=axes, out_grad=[1, 10])[0].returns(
            [[1, 1, 1], [10, 10, 10]], because=because
        )


def test_several_axes_may_stand_in_any_order():
    a = ndl.Tensor([[[5, 6, 7], [1, 2, 3]]], dtype="float32")
    because = "axes 0 and 2 of (1, 2, 3) are summed, in whatever order they are named: axis 1 is what stays."
    for axes in ((0, 2), (2, 0), (-1, 0), (-3, 2)):
        gradient(ndl.summation, a, axes=axes, out_grad=[1, 10])[0].returns(
            [[[1, 1, 1], [10, 10, 10]]], because=because
        )


def test_a_single_number_gets_the_weight_of_its_sum():
    a = ndl.Tensor(5, dtype="float32")
    gradient(ndl.summation, a, out_grad=3)[0].returns(3, because="the sum of one number is that number.")


@reproducible
@given(arrays_and_axes)
def test_the_gradient_is_the_measured_slope_for_any_shape_and_axes(drawn):
    a, axes = drawn
    gradient(ndl.summation, ndl.Tensor(a), axes=axes).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.summation, ndl.Tensor([[1, 2]], dtype=dtype), axes=1).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    for axes in (None, 0, (0, 1)):
        a = ndl.Tensor([[1, 2]], dtype="float32")
        gradient(ndl.summation, a, axes=axes).can_be_differentiated_again()
