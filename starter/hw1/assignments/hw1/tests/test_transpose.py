"""transpose: a few numbers whose places are known by hand, then every place of any shape."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes, two_axes_of


@st.composite
def arrays_with_two_axes(draw):
    """Draw an array, and what names two of its axes."""
    shape = draw(shapes(min_dims=2))
    return draw(arrays(shape)), draw(two_axes_of(shape))


def test_the_rows_of_a_matrix_become_its_columns():
    a = ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")
    because = "row 0, [1, 2, 3], becomes column 0: (2, 3) -> (3, 2). The numbers move, not only the shape."
    call(ndl.transpose, a).returns([[1, 4], [2, 5], [3, 6]], because=because)


def test_of_a_stack_only_the_last_two_axes_are_swapped_by_default():
    a = ndl.Tensor([[[1, 2, 3]], [[4, 5, 6]]], dtype="float32")
    because = (
        "axes 1 and 2 of (2, 1, 3) change places: (2, 3, 1). Axis 0 stays, so each matrix does for itself."
    )
    call(ndl.transpose, a).returns([[[1], [2], [3]], [[4], [5], [6]]], because=because)


def test_two_axes_are_swapped_and_not_a_new_order_of_all():
    a = ndl.Tensor([[1, 2], [3, 4]], dtype="float32")
    because = (
        "axes=(0, 1) means: swap axis 0 with axis 1. (np.transpose reads it as an order, and moves nothing.)"
    )
    call(ndl.transpose, a, axes=(0, 1)).returns([[1, 3], [2, 4]], because=because)


def test_the_axis_between_the_two_stays():
    a = ndl.Tensor([[[1, 2, 3], [4, 5, 6]]], dtype="float32")
    because = "axes 0 and 2 of (1, 2, 3) change places, axis 1 stays: (3, 2, 1)."
    call(ndl.transpose, a, axes=(0, 2)).returns([[[1], [4]], [[2], [5]], [[3], [6]]], because=because)


def test_the_first_two_of_three_axes_can_be_swapped():
    a = ndl.Tensor([[[1, 2]], [[3, 4]]], dtype="float32")
    because = "axes 0 and 1 of (2, 1, 2) change places: (1, 2, 2). The pairs on the last axis stay together."
    call(ndl.transpose, a, axes=(0, 1)).returns([[[1, 2], [3, 4]]], because=because)


def test_the_two_axes_may_be_named_in_either_order_and_from_the_end():
    a = ndl.Tensor([[[1, 2], [3, 4]]], dtype="float32")
    because = "0 and 2 are the first and the last axis, and so are 0 and -1."
    for axes in ((2, 0), (0, -1), (-1, 0), (-3, 2), (-1, -3)):
        call(ndl.transpose, a, axes=axes).returns([[[1], [3]], [[2], [4]]], because=because)


def test_float32_stays_float32_and_the_input_is_unchanged():
    for dtype in ("float32", "float64"):
        a = ndl.Tensor([[1, 2], [3, 4]], dtype=dtype)
        because = "a's own numbers stay where they are."
        call(ndl.transpose, a).returns([[1, 3], [2, 4]]).has_dtype(dtype).keeps("a", because=because)


@reproducible
@given(arrays_with_two_axes())
def test_each_number_moves_to_where_its_two_coordinates_are_swapped(drawn):
    a, axes = drawn
    one, other = axes or (-2, -1)
    moved = {}
    for place in np.ndindex(a.shape):
        swapped = [*place]
        swapped[one], swapped[other] = place[other], place[one]
        moved[tuple(swapped)] = a[place]
    longest = [max(axis) + 1 for axis in zip(*moved, strict=True)]
    because = f"coordinates {one} and {other} of each number change places, the others stay."
    expected = np.reshape([moved[place] for place in sorted(moved)], longest)
    call(ndl.transpose, ndl.Tensor(a), axes=axes).returns(expected, because=because)


@reproducible
@given(arrays_with_two_axes())
def test_swapping_twice_gives_back_the_tensor(drawn):
    a, axes = ndl.Tensor(drawn[0]), drawn[1]
    once = ndl.transpose(a, axes)
    call(ndl.transpose, once, axes).returns(
        a, because="this tensor was made by the same swap: a second one undoes it."
    )
