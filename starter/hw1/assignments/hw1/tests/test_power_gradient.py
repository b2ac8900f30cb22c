"""power_gradient: the base's part and the exponent's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_b_out_grad = shapes(0, 3, 3).flatmap(
    lambda shape: st.tuples(arrays(shape, 0.25, 3), arrays(shape, -2, 3), arrays(shape))
)


def test_two_cubed_rises_by_twelve_with_its_base():
    a, b = ndl.Tensor([2], dtype="float32"), ndl.Tensor([3], dtype="float32")
    because = "2.001^3 - 2^3 is 0.012006: the slope is 12. Each unit of out weighs 10 here, which makes 120."
    gradient(ndl.power, a, b, out_grad=[10])[0].returns([120], because=because)


def test_two_cubed_rises_by_eight_times_log_two_with_its_exponent():
    a, b = ndl.Tensor([2], dtype="float32"), ndl.Tensor([3], dtype="float32")
    because = "2^3.001 is 8 times 2^0.001: the slope is 8 * 0.6931472 = 5.545177. It weighs 10."
    gradient(ndl.power, a, b, out_grad=[10])[1].returns([55.45177], because=because)


def test_a_base_below_one_falls_with_its_exponent():
    a, b = ndl.Tensor([0.5, 1], dtype="float32"), ndl.Tensor([2, 5], dtype="float32")
    because = "0.5^2 is 0.25, but 0.5^3 only 0.125: the slope is 0.25 * -0.6931472. And 1^b is 1 for any b."
    gradient(ndl.power, a, b, out_grad=[1, 1])[1].returns([-0.1732868, 0], because=because)


def test_exponents_of_one_and_zero_and_below_move_with_the_base_as_they_should():
    a, b = ndl.Tensor([2, 2, 2], dtype="float32"), ndl.Tensor([1, 0, -1], dtype="float32")
    because = "a^1 has slope 1, a^0 is constant, and 1/a has slope -1/a^2."
    gradient(ndl.power, a, b, out_grad=[1, 1, 1])[0].returns([1, 0, -0.25], because=because)


def test_out_grad_weighs_every_element_of_both_parts():
    a, b = ndl.Tensor([2, 1, 3], dtype="float32"), ndl.Tensor([2, 4, 1], dtype="float32")
    found = gradient(ndl.power, a, b, out_grad=[1, -10, 0])
    found[0].returns([4, -40, 0], because="the slopes are 4, 4 and 1.")
    found[1].returns([2.7725887, 0, 0], because="4 * log(2) = 2.7725887, log(1) = 0, and 0 weighs nothing.")


@reproducible
@given(a_b_out_grad)
def test_both_gradients_are_the_measured_slopes_for_any_shape(drawn):
    a, b, out_grad = drawn
    found = gradient(ndl.power, ndl.Tensor(a), ndl.Tensor(b), out_grad=out_grad)
    found.agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.power, ndl.Tensor([1, 2], dtype=dtype), ndl.Tensor([3, -1], dtype=dtype)).keeps_dtype()


def test_both_gradients_are_a_part_of_the_graph():
    a, b = ndl.Tensor([2, 0.5], dtype="float32"), ndl.Tensor([3, -1], dtype="float32")
    gradient(ndl.power, a, b).can_be_differentiated_again()
