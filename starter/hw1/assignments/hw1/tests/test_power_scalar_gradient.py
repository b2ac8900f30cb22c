"""power_scalar_gradient: powers with a number, at bases of every sign and at 0."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_with_out_grad = shapes(0, 3, 3).flatmap(
    lambda shape: st.tuples(arrays(shape, 0.25, 2), arrays(shape, -2, 2))
)


def test_the_square_of_three_rises_by_six_a_unit():
    a = ndl.Tensor([3], dtype="float32")
    because = "3.001^2 - 3^2 is 0.006001: at 3 the slope is 6. Each unit of out weighs 10, which makes 60."
    gradient(ndl.power_scalar, a, 2, out_grad=[10])[0].returns([60], because=because)


def test_the_cube_rises_on_both_sides_of_zero():
    a = ndl.Tensor([2, -2, 1], dtype="float32")
    because = "at 2 and at -2 the cube has the slope 12, at 1 it has 3. A negative base has no logarithm."
    gradient(ndl.power_scalar, a, 3, out_grad=[1, 1, -2])[0].returns([12, 12, -6], because=because)


def test_negative_and_broken_exponents_follow_the_same_rule():
    a = ndl.Tensor([4], dtype="float32")
    gradient(ndl.power_scalar, a, -1, out_grad=[16])[0].returns(
        [-1], because="the slope of 1/a at 4 is -1/16."
    )
    because = "the square root of 4.001 is 2.00025: the slope is 1/4."
    gradient(ndl.power_scalar, a, 0.5, out_grad=[16])[0].returns([4], because=because)


def test_at_base_zero_a_square_is_flat_and_the_first_power_is_not():
    a = ndl.Tensor([0], dtype="float32")
    because = "near 0 a square is far smaller than its base. a ** 2 / a would be 0 / 0 there, which is NaN."
    gradient(ndl.power_scalar, a, 2, out_grad=[5])[0].returns([0], because=because)
    gradient(ndl.power_scalar, a, 1, out_grad=[5])[0].returns([5], because="a ** 1 is a, also at 0.")


def test_the_power_zero_is_constant_even_at_base_zero():
    a = ndl.Tensor([0, 2], dtype="float32")
    because = "a ** 0 is 1 for every a, so its slope is 0. At base 0 beware of 0 * a ** -1: 0 * inf is NaN."
    gradient(ndl.power_scalar, a, 0, out_grad=[5, 7])[0].returns([0, 0], because=because)


@reproducible
@given(a_with_out_grad, st.sampled_from([2, 3, 1, 0, -1, -2, 0.5, 2.5]))
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn, scalar):
    a, out_grad = drawn
    gradient(ndl.power_scalar, ndl.Tensor(a), scalar, out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        for scalar in (3, 0.5, 0):
            gradient(ndl.power_scalar, ndl.Tensor([1, 2], dtype=dtype), scalar).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.power_scalar, ndl.Tensor([1, -2], dtype="float32"), 3).can_be_differentiated_again()
