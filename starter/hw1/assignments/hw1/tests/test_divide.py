"""divide: fractions worked by hand, and what undoes a division."""

from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def fractions(draw):
    """Draw a, and b without zeros, of one shape."""
    shape = draw(shapes())
    return draw(arrays(shape)), draw(arrays(shape, nonzero=True))


def test_the_first_is_divided_by_the_second():
    a, b = ndl.Tensor([6], dtype="float32"), ndl.Tensor([3], dtype="float32")
    call(ndl.divide, a, b).returns([2], because="6 / 3 = 2. The other way round it would be 1/2.")


def test_each_element_is_divided_by_the_one_at_its_own_place():
    a, b = ndl.Tensor([[1, 8], [-9, 0]], dtype="float32"), ndl.Tensor([[1, -4], [3, 5]], dtype="float32")
    call(ndl.divide, a, b).returns([[1, -2], [-3, 0]], because="1/1, 8/-4, -9/3 and 0/5.")


def test_quotients_are_not_rounded():
    a, b = ndl.Tensor([7, -7, 1], dtype="float32"), ndl.Tensor([2, 2, 8], dtype="float32")
    because = "7/2 = 3.5, -7/2 = -3.5 and 1/8 = 0.125: / divides, // rounds down to whole numbers."
    call(ndl.divide, a, b).returns([3.5, -3.5, 0.125], because=because)


def test_single_numbers_without_axes_are_divided_too():
    a, b = ndl.Tensor(1, dtype="float32"), ndl.Tensor(4, dtype="float32")
    call(ndl.divide, a, b).returns(0.25, because="tensors of shape () hold one number each: 1/4.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        a, b = ndl.Tensor([1, 2], dtype=dtype), ndl.Tensor([4, -4], dtype=dtype)
        call(ndl.divide, a, b).has_dtype(dtype, because="both inputs have that dtype.").returns([0.25, -0.5])


def test_the_inputs_are_unchanged():
    a, b = ndl.Tensor([6, 1], dtype="float32"), ndl.Tensor([3, 2], dtype="float32")
    because = "the graph needs both again for the gradient: a / b makes a new array, a /= b does not."
    call(ndl.divide, a, b).returns([2, 0.5]).keeps("a", "b", because=because)


@reproducible
@given(fractions())
def test_multiplying_with_what_it_was_divided_by_gives_back_the_first(drawn):
    a, b = map(ndl.Tensor, drawn)
    made = call(ndl.divide, a, b)
    made.then("b * y", ndl.multiply(b, made.value)).returns(a, because="b * (a / b) = a, whatever the shape.")


@reproducible
@given(fractions(), st.sampled_from([2, -1, 0.5, -4]))
def test_scaling_both_changes_nothing(drawn, factor):
    a, b = map(ndl.Tensor, drawn)
    scaled = ndl.mul_scalar(a, factor), ndl.mul_scalar(b, factor)
    call(ndl.divide, *scaled).returns(
        ndl.divide(a, b), because=f"a and b were multiplied with {factor}, both."
    )
