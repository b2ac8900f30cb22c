"""reshape: other numbers for the same memory, checked by what they are, and refused where they would lie."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import raises, runner, seen, shown_as
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)


@st.composite
def two_shapes(draw):
    """Draw two shapes of as many elements: the factors of a number, joined in two ways, with ones between."""
    factors = draw(st.lists(st.sampled_from([1, 2, 3, 5]), max_size=4))
    shapes = []
    for _ in range(2):
        sides = [1] * draw(st.integers(0 if factors == [1] * len(factors) else 1, 4))
        for factor in draw(st.permutations(factors)):
            if sides:
                sides[draw(st.integers(0, len(sides) - 1))] *= factor
        shapes.append(tuple(sides))
    return shapes


def counted(*shape):
    """Return, as Python, an array of 0, 1, 2, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange({math.prod(shape)}).reshape({shape}), device=ndl.cpu_numpy())"


def reshaped(shape, new_shape):
    """Reshape an array that counts 0, 1, 2, ..., and expect a view of the same memory."""
    made, text = run(counted(*shape), f"b = a.reshape({new_shape})")
    a, b = made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value
    if b._handle is not a._handle:
        seen(text, b).fail("the elements were copied", "b._handle is another one", "b._handle is a._handle")
    return a, b, text


def test_six_in_a_row_become_two_rows_of_three():
    _, b, text = reshaped((6,), (2, 3))
    seen(f"{text}; b", b).returns([[0, 1, 2], [3, 4, 5]])
    because = "to go a column on is 1 element further, to go a row on is 3."
    seen(f"{text}; b.strides", b.strides).returns((3, 1), because=because)


def test_the_strides_are_those_of_a_row_major_array():
    _, b, text = reshaped((6, 4), (2, 3, 4))
    because = "compact_strides knows them: each is the product of the lengths behind it, 3 * 4 = 12, 4, 1."
    seen(f"{text}; b.strides", b.strides).returns((12, 4, 1), because=because)
    _, b, text = reshaped((2, 3), (3, 2))
    because = "the elements keep their row-major order: a reshape is no transpose."
    seen(f"{text}; b", b).returns([[0, 1], [2, 3], [4, 5]], because=because)


def test_the_array_itself_stays_as_it_is():
    a, _, text = reshaped((2, 3), (6,))
    seen(f"{text}; a.shape", a.shape).returns((2, 3), because="reshape returns another view; a stays a's.")
    seen(f"{text}; a.strides", a.strides).returns((3, 1))


def test_a_number_may_have_no_axis_or_many():
    for shape, new_shape in [((1,), ()), ((), (1,)), ((), (1, 1, 1)), ((1, 1), ())]:
        _, b, text = reshaped(shape, new_shape)
        because = "the product of no lengths is 1: the shape () has one element."
        seen(f"{text}; b", b).returns(np.zeros(new_shape), because=because)


def test_an_empty_array_has_other_empty_shapes():
    for shape, new_shape in [((0,), (3, 0)), ((0, 3), (0, 5)), ((2, 0), (0,))]:
        _, b, text = reshaped(shape, new_shape)
        seen(f"{text}; b.shape", b.shape).returns(new_shape, because="0 elements both before and after.")


@pytest.mark.parametrize("new_shape", [(4,), (4, 2), (0,), (), (6, 2), (-2, -3)], ids=str)
def test_a_shape_of_more_or_fewer_elements_is_refused(new_shape):
    a = run(counted(2, 3))[0]["a"]
    because = "a has 6 elements, and no length may be negative."
    raises(ValueError, shown_as("a.reshape", a.reshape, setup=counted(2, 3)), new_shape, because=because)


NOT_COMPACT = {
    "transposed": "a = a.as_strided((3, 2), (1, 3))",
    "backwards": "a = ndl.NDArray.make((6,), (-1,), a.device, a._handle, 5)",
    "repeated": "a = a.as_strided((6,), (0,))",
    "with gaps": "a = a.as_strided((3,), (2,))",
    "the second row": "a = ndl.NDArray.make((3,), (1,), a.device, a._handle, 3)",
    "the first row": "a = a.as_strided((3,), (1,))",
}


@pytest.mark.parametrize("line", NOT_COMPACT.values(), ids=list(NOT_COMPACT))
def test_an_array_that_is_not_compact_is_refused(line):
    made, text = run(counted(2, 3), line)
    a = made["a"]
    because = "the view shows its memory in another order, or not all of it: is_compact() says so."
    raises(ValueError, shown_as("a.reshape", a.reshape, setup=text), (a.size, 1), because=because)


@reproducible
@given(two_shapes())
def test_any_shape_shows_the_elements_in_their_order(drawn):
    shape, new_shape = drawn
    _, b, text = reshaped(shape, new_shape)
    seen(f"{text}; b.shape", b.shape).returns(new_shape)
    because = "row by row, the elements count 0, 1, 2, ... as before."
    for count, at in enumerate(np.ndindex(*new_shape)):
        seen(f"{text}; b.numpy()[{at}]", b.numpy()[at]).returns(count, because=because)


def test_a_reshaped_array_can_be_reshaped_again():
    made, text = run(counted(2, 6), "b = a.reshape((3, 4)).reshape((2, 2, 3)).reshape((4, 3))")
    expected = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    seen(f"{text}; b", made["b"]).returns(expected, because="each view of a compact array is compact.")
