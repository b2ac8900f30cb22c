"""power: small powers worked by hand, products written out, and the laws of exponents."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def bases_with_two_exponents(draw):
    """Draw a > 0, b and c of one shape."""
    shape = draw(shapes())
    return draw(arrays(shape, 0.25, 3)), draw(arrays(shape, -2, 2)), draw(arrays(shape, -2, 2))


def test_two_to_the_power_of_three_is_eight():
    a, b = ndl.Tensor([2], dtype="float32"), ndl.Tensor([3], dtype="float32")
    call(ndl.power, a, b).returns([8], because="2 * 2 * 2 = 8. The other way round, 3 * 3 = 9.")


def test_each_element_has_the_exponent_at_its_own_place():
    a = ndl.Tensor([[1, 2], [3, 2]], dtype="float32")
    b = ndl.Tensor([[5, 1], [2, 4]], dtype="float32")
    call(ndl.power, a, b).returns([[1, 2], [9, 16]], because="1^5 = 1, 2^1 = 2, 3^2 = 9, 2^4 = 16.")


def test_exponents_may_be_zero_negative_or_fractions():
    a, b = ndl.Tensor([5, 4, 4, 4], dtype="float32"), ndl.Tensor([0, -1, 0.5, -1.5], dtype="float32")
    because = "5^0 = 1, 4^-1 = 1/4, 4^0.5 is the root of 4, and 4^-1.5 = 1 / (4 * 2)."
    call(ndl.power, a, b).returns([1, 0.25, 2, 0.125], because=because)


def test_single_numbers_without_axes_have_a_power_too():
    a, b = ndl.Tensor(3, dtype="float32"), ndl.Tensor(2, dtype="float32")
    call(ndl.power, a, b).returns(9, because="a tensor of shape () holds one number: 3^2 = 9.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        a, b = ndl.Tensor([2, 9], dtype=dtype), ndl.Tensor([3, 0.5], dtype=dtype)
        call(ndl.power, a, b).has_dtype(dtype, because="both inputs have that dtype.").returns([8, 3])


def test_the_inputs_are_unchanged():
    a, b = ndl.Tensor([2, 3], dtype="float32"), ndl.Tensor([3, 2], dtype="float32")
    because = "the graph needs both again for the gradient: a ** b makes a new array, a **= b does not."
    call(ndl.power, a, b).returns([8, 9]).keeps("a", "b", because=because)


@reproducible
@given(arrays(shapes(), 0.25, 3))
def test_a_whole_exponent_is_a_product_of_so_many_factors(a):
    exponents = [at % 4 for at in range(a.size)]
    b = np.array(exponents, dtype=np.float32).reshape(a.shape)
    products = [math.prod([x] * n) for x, n in zip(a.ravel().tolist(), exponents, strict=True)]
    because = "element by element: x^0 = 1, x^1 = x, x^2 = x * x, x^3 = x * x * x."
    call(ndl.power, ndl.Tensor(a), ndl.Tensor(b)).returns(np.reshape(products, a.shape), because=because)


@reproducible
@given(bases_with_two_exponents())
def test_the_power_of_a_sum_is_the_product_of_the_powers(drawn):
    a, b, c = map(ndl.Tensor, drawn)
    product = ndl.multiply(ndl.power(a, b), ndl.power(a, c))
    call(ndl.power, a, ndl.add(b, c)).returns(product, because="a^(b+c) = a^b * a^c, by your own power.")
