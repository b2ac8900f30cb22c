"""reshape_gradient: the same numbers, in the input's shape again."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def arrays_and_shapes(draw):
    """Draw an array and another shape that holds as many elements."""
    old = draw(shapes(0, 3, 3))
    flat, turned, longer = (math.prod(old),), old[::-1], (1, *old, 1)
    return draw(arrays(old)), draw(st.sampled_from([flat, turned, longer]))


def test_a_row_made_of_a_column_gets_a_columns_gradient():
    a = ndl.Tensor([[5], [6], [7]], dtype="float32")
    because = "the gradient of a has the shape of a, (3, 1), and not that of the outcome."
    gradient(ndl.reshape, a, (3,), out_grad=[1, 2, 3])[0].returns([[1], [2], [3]], because=because)


def test_elements_keep_their_order_row_by_row():
    a = ndl.Tensor([[0, 0, 0], [0, 0, 0]], dtype="float32")
    because = "reshape keeps the order of the elements; a transpose has the right shape, but not that order."
    gradient(ndl.reshape, a, (3, 2), out_grad=[[1, 2], [3, 4], [5, 6]])[0].returns(
        [[1, 2, 3], [4, 5, 6]], because=because
    )


def test_a_single_number_gets_a_single_number():
    a = ndl.Tensor(3, dtype="float32")
    gradient(ndl.reshape, a, (1, 1), out_grad=[[4]])[0].returns(4, because="() is the shape of one number.")


@reproducible
@given(arrays_and_shapes())
def test_the_gradient_is_the_measured_slope_for_any_two_shapes(drawn):
    a, shape = drawn
    gradient(ndl.reshape, ndl.Tensor(a), shape).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.reshape, ndl.Tensor([[1, 2]], dtype=dtype), (2, 1)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.reshape, ndl.Tensor([[1, 2]], dtype="float32"), (2, 1)).can_be_differentiated_again()
