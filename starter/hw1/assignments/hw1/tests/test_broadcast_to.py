"""broadcast_to: copies counted by hand, then every copy of any shape."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, broadcast_pairs, reproducible


@st.composite
def arrays_with_a_wider_shape(draw):
    """Draw an array, and a shape that it can be broadcast to."""
    narrow, wide = draw(broadcast_pairs())
    return draw(arrays(narrow)), wide


def test_a_row_is_repeated_along_a_new_axis_in_front():
    a = ndl.Tensor([1, 2, 3], dtype="float32")
    because = "(3,) counts as (1, 3): shapes are aligned from the right, so the row is repeated."
    call(ndl.broadcast_to, a, (2, 3)).returns([[1, 2, 3], [1, 2, 3]], because=because)


def test_a_column_is_repeated_along_its_axis_of_length_one():
    a = ndl.Tensor([[1], [2]], dtype="float32")
    because = "axis 1 grows from 1 to 3: each row holds its own number three times."
    call(ndl.broadcast_to, a, (2, 3)).returns([[1, 1, 1], [2, 2, 2]], because=because)


def test_shapes_are_aligned_from_the_right_when_both_would_fit():
    a = ndl.Tensor([1, 2], dtype="float32")
    because = "(2,) is the last axis of (2, 2), not the first: rows are repeated, and no columns."
    call(ndl.broadcast_to, a, (2, 2)).returns([[1, 2], [1, 2]], because=because)


def test_a_single_number_fills_every_shape():
    a = ndl.Tensor(5, dtype="float32")
    call(ndl.broadcast_to, a, (2, 2)).returns([[5, 5], [5, 5]], because="() fits every shape.")
    call(ndl.broadcast_to, a, (1,)).returns([5], because="() fits (1,) too.")


def test_new_axes_and_growing_ones_go_together():
    a = ndl.Tensor([[1], [2]], dtype="float32")
    because = "(2, 1) counts as (1, 2, 1): axis 0 is new, axis 2 grows, axis 1 stays."
    call(ndl.broadcast_to, a, (2, 2, 2)).returns([[[1, 1], [2, 2]], [[1, 1], [2, 2]]], because=because)


def test_a_shape_that_it_has_already_changes_nothing():
    a = ndl.Tensor([[1, 2]], dtype="float32")
    call(ndl.broadcast_to, a, (1, 2)).returns([[1, 2]], because="nothing is to be repeated.")


def test_float32_stays_float32_and_the_input_is_unchanged():
    for dtype in ("float32", "float64"):
        a = ndl.Tensor([[1, 2]], dtype=dtype)
        made = call(ndl.broadcast_to, a, (2, 2)).returns([[1, 2], [1, 2]])
        made.has_dtype(dtype, because="copies have the dtype of what is copied.").keeps("a")


@reproducible
@given(arrays_with_a_wider_shape())
def test_each_number_is_the_one_that_stood_there_before_its_axes_grew(drawn):
    a, wide = drawn
    made = call(ndl.broadcast_to, ndl.Tensor(a), wide).has_shape(wide)
    old = (1,) * (len(wide) - a.ndim) + a.shape
    numbers = a.reshape(old)
    copies = [numbers[tuple(i % n for i, n in zip(at, old, strict=True))] for at in np.ndindex(wide)]
    because = f"{a.shape} counts as {old}: along an axis of length 1 there is but one number to take."
    made.returns(np.reshape(copies, wide), because=because)


@reproducible
@given(arrays_with_a_wider_shape(), st.sampled_from([2, -1, 0.5]))
def test_copies_of_a_multiple_are_multiples_of_the_copies(drawn, factor):
    a, wide = ndl.Tensor(drawn[0]), drawn[1]
    scaled = ndl.mul_scalar(ndl.broadcast_to(a, wide), factor)
    because = f"a tensor was multiplied with {factor} before this call: so are its copies."
    call(ndl.broadcast_to, ndl.mul_scalar(a, factor), wide).returns(scaled, because=because)
