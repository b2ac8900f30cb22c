"""exp_gradient: the function that is its own slope."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_with_out_grad = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))


def test_at_zero_the_exponential_rises_by_one_a_unit():
    a = ndl.Tensor([0], dtype="float32")
    because = "e^0.001 is 1.0010005: at 0 the slope is 1. Each unit of out weighs 3 here, which makes 3."
    gradient(ndl.exp, a, out_grad=[3])[0].returns([3], because=because)


def test_the_slope_is_as_high_as_the_curve():
    a = ndl.Tensor([1, math.log(2), -1], dtype="float32")
    because = "the slope of e^a is e^a: at 1 it is 2.7182818, at log(2) it is 2, at -1 it is 0.3678794."
    gradient(ndl.exp, a, out_grad=[1, 1, 1])[0].returns([2.7182818, 2, 0.3678794], because=because)


def test_out_grad_weighs_each_slope():
    a = ndl.Tensor([0, math.log(2), math.log(4)], dtype="float32")
    because = "the slopes are 1, 2 and 4; out_grad says how much each element of out counts."
    gradient(ndl.exp, a, out_grad=[5, -3, 0.5])[0].returns([5, -6, 2], because=because)


@reproducible
@given(a_with_out_grad)
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn):
    a, out_grad = drawn
    gradient(ndl.exp, ndl.Tensor(a), out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.exp, ndl.Tensor([1, -2], dtype=dtype)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.exp, ndl.Tensor([1, -2], dtype="float32")).can_be_differentiated_again()
