"""exp: powers of e known by hand, one number at a time, and sums that become products."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def pairs(draw):
    """Draw two arrays of one shape."""
    shape = draw(shapes())
    return draw(arrays(shape, -2, 2)), draw(arrays(shape, -2, 2))


def test_zero_becomes_one_and_one_becomes_e():
    a = ndl.Tensor([0, 1, -1], dtype="float32")
    because = "e^0 = 1, e^1 = 2.718282 and e^-1 = 1 / e = 0.367879."
    call(ndl.exp, a).returns([1, 2.718282, 0.367879], because=because)


def test_large_numbers_are_taken_as_they_are():
    a = ndl.Tensor([[10], [4]], dtype="float32")
    because = "e^10 = 22026.47 and e^4 = 54.59815: no maximum is subtracted here, that is for softmax."
    call(ndl.exp, a).returns([[22026.4658], [54.59815]], because=because)


def test_a_very_negative_number_gives_almost_zero():
    a = ndl.Tensor([-10, -60], dtype="float32")
    call(ndl.exp, a).returns(
        [4.539993e-5, 0], because="e^-10 = 0.0000454; e^-60 has 26 zeros behind the point."
    )


def test_a_single_number_without_axes_is_taken_too():
    call(ndl.exp, ndl.Tensor(2, dtype="float32")).returns(
        7.389056, because="e^2 = 7.389056, of shape () too."
    )


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        made = call(ndl.exp, ndl.Tensor([0, 1], dtype=dtype)).returns([1, 2.718282])
        made.has_dtype(dtype, because="a power of e has its exponent's dtype.")


def test_the_input_is_unchanged():
    because = "it may stand elsewhere in the graph, so the powers go into a new array."
    call(ndl.exp, ndl.Tensor([0, 1], dtype="float32")).returns([1, 2.718282]).keeps("a", because=because)


@reproducible
@given(arrays(shapes()))
def test_each_element_is_the_exponent_of_its_own_power(a):
    one_by_one = [math.exp(number) for number in a.ravel().tolist()]
    because = "element by element, math.exp of a number."
    call(ndl.exp, ndl.Tensor(a)).returns(np.reshape(one_by_one, a.shape), because=because)


@reproducible
@given(pairs())
def test_the_power_of_a_sum_is_the_product_of_the_powers(drawn):
    a, b = map(ndl.Tensor, drawn)
    product = ndl.multiply(ndl.exp(a), ndl.exp(b))
    call(ndl.exp, ndl.add(a, b)).returns(product, because="e^(a+b) = e^a * e^b, by your own exp.")
