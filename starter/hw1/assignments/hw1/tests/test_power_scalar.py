"""power_scalar: squares, roots and reciprocals worked by hand, products written out, a law of exponents."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


def test_every_element_is_squared():
    a = ndl.Tensor([1, 3, 0.5], dtype="float32")
    call(ndl.power_scalar, a, 2).returns([1, 9, 0.25], because="1 * 1, 3 * 3 and 0.5 * 0.5.")


def test_the_number_is_the_exponent_and_not_the_base():
    a = ndl.Tensor([[4], [1]], dtype="float32")
    call(ndl.power_scalar, a, 3).returns(
        [[64], [1]], because="4^3 = 64 and 1^3 = 1, not 3^4 = 81 and 3^1 = 3."
    )


def test_a_negative_element_keeps_its_sign_under_an_odd_exponent():
    a = ndl.Tensor([-2, 2], dtype="float32")
    call(ndl.power_scalar, a, 3).returns([-8, 8], because="(-2) * (-2) * (-2) = -8.")
    call(ndl.power_scalar, a, 2).returns([4, 4], because="(-2) * (-2) = 4.")


def test_the_exponent_may_be_a_fraction_negative_or_zero():
    a = ndl.Tensor([4, 0.25], dtype="float32")
    call(ndl.power_scalar, a, 0.5).returns([2, 0.5], because="x^0.5 is the root of x.")
    call(ndl.power_scalar, a, -1).returns([0.25, 4], because="x^-1 = 1 / x.")
    call(ndl.power_scalar, a, -1.5).returns([0.125, 8], because="x^-1.5 = 1 / (x * root of x).")
    call(ndl.power_scalar, a, 0).returns([1, 1], because="x^0 = 1.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        for exponent in (2, 0.5, np.float64(3.0)):
            made = call(ndl.power_scalar, ndl.Tensor([1, 4], dtype=dtype), exponent)
            made.has_dtype(dtype, because="the exponent is a number: the tensor alone decides on the dtype.")


def test_the_input_is_unchanged():
    because = "the graph needs a again for the gradient: a ** 2 makes a new array, a **= 2 does not."
    call(ndl.power_scalar, ndl.Tensor([3, -1], dtype="float32"), 2).returns([9, 1]).keeps(
        "a", because=because
    )


@reproducible
@given(arrays(shapes(), -3, 3), st.integers(0, 4))
def test_a_whole_exponent_is_a_product_of_so_many_factors(a, n):
    products = [math.prod([x] * n) for x in a.ravel().tolist()]
    because = f"each element is multiplied with itself, {n} factors in all."
    call(ndl.power_scalar, ndl.Tensor(a), n).returns(np.reshape(products, a.shape), because=because)


@reproducible
@given(arrays(shapes(), 0.25, 3), st.sampled_from([0.5, 1.5, -0.5, -1, 2]), st.sampled_from([2, -2, 0.5]))
def test_a_power_of_a_power_multiplies_the_exponents(a, n, m):
    a = ndl.Tensor(a)
    because = f"(x^{n})^{m} = x^{n * m}, by your own power_scalar."
    call(ndl.power_scalar, ndl.power_scalar(a, n), m).returns(ndl.power_scalar(a, n * m), because=because)
