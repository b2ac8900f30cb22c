"""sigmoid: numbers worked by hand, one element at a time, and far from 0, where exponentials overflow."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, call, shown_as
from grader.expect.drawing import arrays, reproducible, shapes

LOG = math.log
numbers_and_weights = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))


def sigmoid():
    return shown_as("ndl.nn.Sigmoid()", ndl.nn.Sigmoid())


def of_one(x):
    """Return what a number of Python's becomes, by exponentials that are not above 1."""
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def test_numbers_that_can_be_worked_by_hand():
    x = ndl.Tensor([0, LOG(3), -LOG(3), LOG(9)], dtype="float32")
    because = "at log 3: 1 / (1 + 1/3) = 3/4; at -log 3: 1 / (1 + 3) = 1/4."
    call(sigmoid(), x).returns([0.5, 0.75, 0.25, 0.9], because=because)


def test_far_from_zero_the_outcome_is_zero_or_one():
    x = ndl.Tensor([-1000, -200, -30, 30, 200, 1000], dtype="float32")
    because = "below 0 nothing is left, above 0 nothing is missing; nothing overflows."
    call(sigmoid(), x).returns([0, 0, 0, 1, 1, 1], because=because)


def test_the_slope_is_the_outcome_times_what_it_lacks_to_one():
    x = ndl.Tensor([0, LOG(3), -LOG(3)], dtype="float32")
    because = "1/2 * 1/2 = 1/4 and 3/4 * 1/4 = 3/16, each times its weight."
    backward(sigmoid(), x, out_grad=[4, 16, -32])[0].returns([1, 3, -6], because=because)


def test_far_from_zero_the_slope_is_zero_and_not_nan():
    x = ndl.Tensor([-1000, -200, 200, 1000], dtype="float32")
    because = (
        "it is flat there. In 1 / (1 + exp(-x)) the exponential of 200 is inf, and its gradient 0 * inf, "
        "which is NaN: tanh does the same without overflow."
    )
    backward(sigmoid(), x, out_grad=[1, 2, 3, 4])[0].returns([0, 0, 0, 0], because=because)


@reproducible
@given(arrays(shapes(), low=-8, high=8))
def test_each_element_is_squeezed_for_itself(x):
    because = "each is 1 / (1 + exp(-x)), whatever the shape."
    expected = np.reshape([of_one(number) for number in x.ravel().tolist()], x.shape)
    call(sigmoid(), ndl.Tensor(x)).returns(expected, because=because).keeps()


@reproducible
@given(numbers_and_weights)
def test_the_gradient_is_the_measured_slope(drawn):
    x, out_grad = drawn
    pairs = zip(x.ravel().tolist(), out_grad.ravel().tolist(), strict=True)
    expected = [weight * (of_one(one + 1e-5) - of_one(one - 1e-5)) / 2e-5 for one, weight in pairs]
    because = "it is weight * (sigmoid(x + h) - sigmoid(x - h)) / 2h, for a small h."
    found = backward(sigmoid(), ndl.Tensor(x), out_grad=out_grad)
    found[0].returns(np.reshape(expected, x.shape), because=because)


def test_it_is_made_by_ops_and_has_nothing_to_learn():
    module = ndl.nn.Sigmoid()
    x = ndl.Tensor([0.5, -2], dtype="float32")
    found = backward(shown_as("ndl.nn.Sigmoid()", module), x).can_be_differentiated_again()
    found.then("ndl.nn.Sigmoid().parameters()", len(module.parameters())).returns(0)
