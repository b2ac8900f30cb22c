"""divide_scalar_gradient: a number in the denominator scales whatever comes back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_with_out_grad = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))


def test_a_fourth_of_what_arrives_comes_back_from_a_fourth():
    a = ndl.Tensor([12], dtype="float32")
    because = "a / 4 grows by 1/4 as a grows by 1, whatever a is. Each unit of out weighs 8 here: 8/4 = 2."
    gradient(ndl.divide_scalar, a, 4, out_grad=[8])[0].returns([2], because=because)


def test_each_element_of_out_grad_is_scaled_in_its_own_place():
    a = ndl.Tensor([[1, 2], [3, 4]], dtype="float32")
    gradient(ndl.divide_scalar, a, 0.5, out_grad=[[1, -2], [0, 3]])[0].returns(
        [[2, -4], [0, 6]], because="dividing by 1/2 doubles, on the way back as on the way there."
    )


def test_a_negative_number_turns_the_sign():
    a = ndl.Tensor([1, 5], dtype="float32")
    gradient(ndl.divide_scalar, a, -2, out_grad=[6, -1])[0].returns([-3, 0.5])


def test_the_number_gets_no_gradient():
    a = ndl.Tensor([1, 2], dtype="float32")
    found = gradient(ndl.divide_scalar, a, 3)
    found[0].has_shape((2,), because="only tensors are inputs of a node: there is one gradient, that of a.")


@reproducible
@given(a_with_out_grad, st.sampled_from([-3, -0.5, 0.25, 1, 7]))
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn, scalar):
    a, out_grad = drawn
    gradient(ndl.divide_scalar, ndl.Tensor(a), scalar, out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    because = "1 / scalar as a Python number keeps a tensor's dtype; as a float64 array it widens it."
    for dtype in (np.float32, np.float64):
        gradient(ndl.divide_scalar, ndl.Tensor([1, 2], dtype=dtype), 3).keeps_dtype(because=because)


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.divide_scalar, ndl.Tensor([1, 2], dtype="float32"), 3).can_be_differentiated_again()
