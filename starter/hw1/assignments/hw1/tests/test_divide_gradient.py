"""divide_gradient: the numerator's part and the denominator's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_b_out_grad = shapes(0, 3, 3).flatmap(
    lambda shape: st.tuples(arrays(shape), arrays(shape, nonzero=True), arrays(shape))
)


def test_six_over_three_rises_by_a_third_with_the_numerator():
    a, b = ndl.Tensor([6], dtype="float32"), ndl.Tensor([3], dtype="float32")
    because = "7/3 - 6/3 is 1/3. Each unit of out weighs 6 here, which makes 2."
    gradient(ndl.divide, a, b, out_grad=[6])[0].returns([2], because=because)


def test_six_over_three_falls_by_two_thirds_with_the_denominator():
    a, b = ndl.Tensor([6], dtype="float32"), ndl.Tensor([3], dtype="float32")
    because = "6/3.003 - 6/3 is -0.001998, 0.001 times -2/3. Each unit of out weighs 6, which makes -4."
    gradient(ndl.divide, a, b, out_grad=[6])[1].returns([-4], because=because)


def test_signs_are_right_in_all_four_quadrants():
    a, b = ndl.Tensor([2, -2, 2, -2], dtype="float32"), ndl.Tensor([4, 4, -4, -4], dtype="float32")
    found = gradient(ndl.divide, a, b, out_grad=[16, 16, 16, 16])
    found[0].returns([4, 4, -4, -4], because="a's slope has the sign of b, whatever the sign of a.")
    because = "a larger b brings a / b nearer to 0: down if a > 0, up if a < 0, whatever the sign of b."
    found[1].returns([-2, 2, -2, 2], because=because)


def test_a_numerator_of_zero_stops_the_denominators_part_only():
    a, b = ndl.Tensor([0], dtype="float32"), ndl.Tensor([4], dtype="float32")
    found = gradient(ndl.divide, a, b, out_grad=[2])
    found[0].returns([0.5])
    found[1].returns([0], because="0 / b is 0 for any b.")


@reproducible
@given(a_b_out_grad)
def test_both_gradients_are_the_measured_slopes_for_any_shape(drawn):
    a, b, out_grad = drawn
    found = gradient(ndl.divide, ndl.Tensor(a), ndl.Tensor(b), out_grad=out_grad)
    found.agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.divide, ndl.Tensor([1, 2], dtype=dtype), ndl.Tensor([3, 5], dtype=dtype)).keeps_dtype()


def test_both_gradients_are_a_part_of_the_graph():
    a, b = ndl.Tensor([1, 2], dtype="float32"), ndl.Tensor([3, 5], dtype="float32")
    gradient(ndl.divide, a, b).can_be_differentiated_again()
