"""log: logarithms known by hand, one number at a time, and products that become sums."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def positive_pairs(draw):
    """Draw two arrays of one shape with numbers above 0."""
    shape = draw(shapes())
    return draw(arrays(shape, 0.125, 8)), draw(arrays(shape, 0.125, 8))


def test_powers_of_e_become_their_exponents():
    a = ndl.Tensor([1, math.e, math.e**2, 1 / math.e], dtype="float32")
    because = "log e^x = x: the base is e = 2.71828..., not 2 or 10."
    call(ndl.log, a).returns([0, 1, 2, -1], because=because)


def test_ten_and_one_half_have_the_logarithms_of_a_table():
    a = ndl.Tensor([[10], [0.5]], dtype="float32")
    because = "log 10 = 2.302585 and log 0.5 = -log 2 = -0.693147."
    call(ndl.log, a).returns([[2.302585], [-0.693147]], because=because)


def test_very_small_and_very_large_numbers_are_taken_as_they_are():
    a = ndl.Tensor([1e-30, 1e-6, 1e30], dtype="float32")
    because = (
        "log 10^n = 2.302585 n. Adding a small number first, against log 0, would change the small ones."
    )
    call(ndl.log, a).returns([-69.077553, -13.815511, 69.077553], because=because)


def test_a_single_number_without_axes_has_a_logarithm_too():
    call(ndl.log, ndl.Tensor(1, dtype="float32")).returns(0, because="log 1 = 0, for the shape () too.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        made = call(ndl.log, ndl.Tensor([1, 2], dtype=dtype)).returns([0, 0.693147])
        made.has_dtype(dtype, because="a logarithm has its input's dtype.")


def test_the_input_is_unchanged():
    because = "the graph needs a again for the gradient, so the logarithms go into a new array."
    call(ndl.log, ndl.Tensor([1, 2], dtype="float32")).returns([0, 0.693147]).keeps("a", because=because)


@reproducible
@given(arrays(shapes(), 0.125, 8))
def test_each_element_has_its_own_logarithm(a):
    one_by_one = [math.log(number) for number in a.ravel().tolist()]
    because = "element by element, math.log of a number."
    call(ndl.log, ndl.Tensor(a)).returns(np.reshape(one_by_one, a.shape), because=because)


@reproducible
@given(positive_pairs())
def test_the_logarithm_of_a_product_is_the_sum_of_the_logarithms(drawn):
    a, b = map(ndl.Tensor, drawn)
    total = ndl.add(ndl.log(a), ndl.log(b))
    call(ndl.log, ndl.multiply(a, b)).returns(total, because="log(a * b) = log a + log b, by your own log.")
