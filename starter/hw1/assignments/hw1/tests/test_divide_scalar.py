"""divide_scalar: quotients worked by hand, whatever kind of number divides, and what undoes a division."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes

divisors = st.sampled_from([2, 3, -1, -4, 0.5, -0.25, 1.5, 7])


def test_every_element_is_divided_by_the_number():
    a = ndl.Tensor([2, -4, 0], dtype="float32")
    call(ndl.divide_scalar, a, 4).returns([0.5, -1, 0], because="2/4, -4/4 and 0/4.")


def test_the_number_is_below_the_line():
    a = ndl.Tensor([[1, 8]], dtype="float32")
    call(ndl.divide_scalar, a, 2).returns([[0.5, 4]], because="1/2 and 8/2, not 2/1 and 2/8.")


def test_quotients_are_not_rounded_and_neither_is_the_number():
    a = ndl.Tensor([7, -7], dtype="float32")
    call(ndl.divide_scalar, a, 2).returns([3.5, -3.5], because="/ divides, // rounds down to whole numbers.")
    call(ndl.divide_scalar, a, 3.5).returns([2, -2], because="3.5 is not 3: 7 / 3.5 = 2.")
    call(ndl.divide_scalar, a, -0.5).returns([-14, 14], because="dividing by 1/2 doubles; the sign turns.")


def test_a_single_number_without_axes_is_divided_too():
    a = ndl.Tensor(3, dtype="float32")
    call(ndl.divide_scalar, a, 4).returns(0.75, because="a tensor of shape () holds one number: 3/4.")


def test_float32_stays_float32_whatever_kind_of_number_divides():
    a = ndl.Tensor([1, 3], dtype="float32")
    because = (
        "the tensor alone decides on the dtype: divide by self.scalar as it is, which never widens float32."
    )
    for four in (4, 4.0, np.float64(4), np.array([4.0])):
        call(ndl.divide_scalar, a, four).has_dtype("float32", because=because).returns([0.25, 0.75])


def test_float64_stays_float64():
    a = ndl.Tensor([1, 3], dtype="float64")
    call(ndl.divide_scalar, a, 4).has_dtype("float64", because="the tensor decides on the dtype.")


def test_the_input_is_unchanged():
    because = "it may stand elsewhere in the graph: a / 2 makes a new array, a /= 2 does not."
    call(ndl.divide_scalar, ndl.Tensor([6, 1], dtype="float32"), 2).returns([3, 0.5]).keeps(
        "a", because=because
    )


@reproducible
@given(arrays(shapes()), divisors)
def test_multiplying_with_the_number_gives_back_the_tensor(a, divisor):
    made = call(ndl.divide_scalar, ndl.Tensor(a), divisor)
    back = ndl.mul_scalar(made.value, divisor)
    made.then(f"y * {divisor}", back).returns(a, because="(a / c) * c = a, whatever the shape.")
