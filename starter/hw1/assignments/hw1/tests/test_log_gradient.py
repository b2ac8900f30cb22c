"""log_gradient: steep near 0, flat far out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_with_out_grad = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape, 0.125), arrays(shape)))


def test_at_one_the_logarithm_rises_by_one_a_unit():
    a = ndl.Tensor([1], dtype="float32")
    because = "log(1.001) is 0.0009995: at 1 the slope is 1. Each unit of out weighs 3 here, which makes 3."
    gradient(ndl.log, a, out_grad=[3])[0].returns([3], because=because)


def test_the_slope_is_measured_at_the_input_and_not_at_the_outcome():
    a = ndl.Tensor([2, 4, 0.5], dtype="float32")
    because = "log(4.001) - log(4) is 0.00025: at 4 the slope is 1/4, though log(4) itself is 1.386."
    gradient(ndl.log, a, out_grad=[1, 1, 1])[0].returns([0.5, 0.25, 2], because=because)


def test_out_grad_weighs_each_slope():
    a = ndl.Tensor([2, 4, 0.5], dtype="float32")
    because = "the slopes are 1/2, 1/4 and 2; out_grad says how much each element of out counts."
    gradient(ndl.log, a, out_grad=[10, -8, 3])[0].returns([5, -2, 6], because=because)


@reproducible
@given(a_with_out_grad)
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn):
    a, out_grad = drawn
    gradient(ndl.log, ndl.Tensor(a), out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.log, ndl.Tensor([1, 2], dtype=dtype)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.log, ndl.Tensor([1, 2], dtype="float32")).can_be_differentiated_again()
