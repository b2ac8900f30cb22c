"""tanh: numbers worked by hand, one element at a time, and its slopes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, gradient
from grader.expect.drawing import arrays, reproducible, shapes

LOG = math.log
numbers_and_weights = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))


def slope(x):
    """Measure how steep the hyperbolic tangent is at a number, in Python's own floats."""
    return (math.tanh(x + 1e-5) - math.tanh(x - 1e-5)) / 2e-5


def test_numbers_that_can_be_worked_by_hand():
    a = ndl.Tensor([0, LOG(2), LOG(3), -LOG(2)], dtype="float32")
    because = "at log 2 the exponentials are 2 and 1/2: (2 - 1/2) / (2 + 1/2) = 0.6; at log 3: 0.8."
    call(ndl.tanh, a).returns([0, 0.6, 0.8, -0.6], because=because)


def test_large_numbers_reach_one_and_do_not_overflow():
    a = ndl.Tensor([-1000, -100, 100, 1000], dtype="float32")
    because = "e^100 is too large for float32, and inf / inf is NaN. What arrays have as tanh knows that."
    call(ndl.tanh, a).returns([-1, -1, 1, 1], because=because)


def test_the_slope_is_one_minus_the_square_of_the_outcome():
    a = ndl.Tensor([0, LOG(2), LOG(3), -LOG(2)], dtype="float32")
    because = "1 - 0.6^2 = 0.64 and 1 - 0.8^2 = 0.36; each element's weight stands before it."
    gradient(ndl.tanh, a, out_grad=[5, 100, 10, -100])[0].returns([5, 64, 3.6, -64], because=because)


def test_far_from_zero_it_is_flat():
    a = ndl.Tensor([-1000, -100, 100, 1000], dtype="float32")
    because = "there the outcome is -1 or 1, and 1 - 1 = 0: a number, not NaN."
    gradient(ndl.tanh, a, out_grad=[3, 3, 3, 3])[0].returns([0, 0, 0, 0], because=because)


@reproducible
@given(arrays(shapes()))
def test_each_element_becomes_its_own_tangent(a):
    one_by_one = [math.tanh(number) for number in a.ravel().tolist()]
    because = "each element for itself, whatever the shape."
    call(ndl.tanh, ndl.Tensor(a)).returns(np.reshape(one_by_one, a.shape), because=because).keeps()


@reproducible
@given(numbers_and_weights)
def test_each_slope_is_the_measured_one_times_its_weight(drawn):
    a, out_grad = drawn
    pairs = zip(a.ravel().tolist(), out_grad.ravel().tolist(), strict=True)
    because = "it is weight * (tanh(a + h) - tanh(a - h)) / 2h, for a small h."
    found = gradient(ndl.tanh, ndl.Tensor(a), out_grad=out_grad).keeps()
    found[0].returns(np.reshape([weight * slope(x) for x, weight in pairs], a.shape), because=because)


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.tanh, ndl.Tensor([[0.5, -1], [2, 0]], dtype="float32")).can_be_differentiated_again()
