"""relu: a few numbers on both sides of zero, then what holds for any."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


def test_negative_numbers_become_zero_and_positive_ones_stay():
    a = ndl.Tensor([-2, 3], dtype="float32")
    call(ndl.relu, a).returns([0, 3], because="max(-2, 0) = 0 and max(3, 0) = 3.")


def test_small_and_large_numbers_are_treated_alike():
    a = ndl.Tensor([[-100, -0.01, 0], [0.01, 1, 100]], dtype="float32")
    because = "below 0 nothing leaks through, and above it nothing is bounded."
    call(ndl.relu, a).returns([[0, 0, 0], [0.01, 1, 100]], because=because)


def test_a_tensor_below_zero_becomes_all_zeros():
    call(ndl.relu, ndl.Tensor([[-1], [-3]], dtype="float32")).returns(
        [[0], [0]], because="max(a, 0) = 0 for both."
    )


def test_a_single_number_without_axes_is_taken_too():
    call(ndl.relu, ndl.Tensor(-2, dtype="float32")).returns(
        0, because="max(-2, 0) = 0, for the shape () too."
    )
    call(ndl.relu, ndl.Tensor(2, dtype="float32")).returns(2, because="max(2, 0) = 2, for the shape () too.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        made = call(ndl.relu, ndl.Tensor([-1, 2.5], dtype=dtype)).returns([0, 2.5])
        made.has_dtype(dtype, because="a zero in the place of a number has that number's dtype.")


def test_the_input_is_unchanged():
    because = "the gradient asks where a was above 0: a[a < 0] = 0 writes into it, so work on a new array."
    call(ndl.relu, ndl.Tensor([-2, 3], dtype="float32")).returns([0, 3]).keeps("a", because=because)


@reproducible
@given(arrays(shapes()))
def test_each_element_is_itself_or_zero(a):
    one_by_one = [number if number > 0 else 0 for number in a.ravel().tolist()]
    because = "each number for itself: if it is above 0 it stays, otherwise 0 takes its place."
    call(ndl.relu, ndl.Tensor(a)).returns(np.reshape(one_by_one, a.shape), because=because)


@reproducible
@given(arrays(shapes()))
def test_the_parts_above_and_below_zero_make_up_the_tensor(array):
    a = ndl.Tensor(array)
    made = call(ndl.relu, ndl.mul_scalar(a, -1))
    rest = ndl.add(ndl.relu(a), ndl.mul_scalar(made.value, -1))
    made.then("relu(a) - relu(-a)", rest).returns(a, because="of each pair, one is 0 and the other |a|.")


@reproducible
@given(arrays(shapes()), st.sampled_from([2, 0.5, 10]))
def test_a_positive_factor_may_be_taken_out(array, factor):
    a = ndl.Tensor(array)
    because = f"the tensor was multiplied with {factor} > 0, which turns no sign: max(c a, 0) = c max(a, 0)."
    call(ndl.relu, ndl.mul_scalar(a, factor)).returns(ndl.mul_scalar(ndl.relu(a), factor), because=because)
