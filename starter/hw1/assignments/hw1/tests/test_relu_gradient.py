"""relu_gradient: open above 0, shut at 0 and below."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

off_the_corner = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape, nonzero=True), arrays(shape)))


def test_what_arrives_passes_where_the_input_was_positive():
    a = ndl.Tensor([-1, 2], dtype="float32")
    because = "at 2 relu has slope 1, so all of the 7 passes; at -1 it is flat, and nothing does."
    gradient(ndl.relu, a, out_grad=[3, 7])[0].returns([0, 7], because=because)


def test_nothing_passes_at_exactly_zero():
    a = ndl.Tensor([0], dtype="float32")
    because = "relu has a corner at 0, without a slope; needle takes 0 there, so the test is > and not >=."
    gradient(ndl.relu, a, out_grad=[5])[0].returns([0], because=because)


def test_how_large_a_positive_input_is_does_not_matter():
    a = ndl.Tensor([0.001, 2, 1000], dtype="float32")
    because = "the slope is 1 anywhere above 0: the gradient does not grow with the input."
    gradient(ndl.relu, a, out_grad=[4, 5, 6])[0].returns([4, 5, 6], because=because)


def test_a_negative_out_grad_passes_like_any_other():
    a = ndl.Tensor([2, -2, 2, -2], dtype="float32")
    because = "the input's sign decides what passes. The sign of out_grad has no say."
    gradient(ndl.relu, a, out_grad=[-3, -3, 3, 3])[0].returns([-3, 0, 3, 0], because=because)


@reproducible
@given(off_the_corner)
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn):
    a, out_grad = drawn
    gradient(ndl.relu, ndl.Tensor(a), out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    because = "a mask must not widen the product: np.where(a > 0, 1.0, 0.0) is float64, whatever a is."
    for dtype in (np.float32, np.float64):
        gradient(ndl.relu, ndl.Tensor([1, -2], dtype=dtype)).keeps_dtype(because=because)


def test_the_gradient_is_a_part_of_the_graph():
    because = "the mask may be made of an array. What it is multiplied with has to be out_grad, the Tensor."
    gradient(ndl.relu, ndl.Tensor([1, -2], dtype="float32")).can_be_differentiated_again(because=because)
