"""ndarray_flip: views that run through some axes from the end, one element at a time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import raises, runner, seen, shown_as
from grader.expect.drawing import reproducible
from grader.expect.views import views

run = runner(np=np, ndl=ndl)


def some_axes(view):
    """Draw some axes of a view, in any order, some of them counted from the end."""
    dims = len(view.shape)
    named = (
        st.lists(st.integers(-dims, dims - 1), unique_by=lambda axis: axis % dims) if dims else st.just([])
    )
    return st.tuples(st.just(view), named.map(tuple))


views_and_axes = views(max_dims=4, max_side=3, repeating=True).flatmap(some_axes)


def counted(*shape):
    """Return, as Python, an array of 0, 1, 2, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange({math.prod(shape)}).reshape({shape}), device=ndl.cpu_numpy())"


def viewed(shape, strides, offset):
    """Return, as Python, a view of the memory of `a`."""
    return f"a = ndl.NDArray.make({shape}, {strides}, a.device, a._handle, {offset})"


def flipped(*lines, axes):
    """Flip the array that some lines make, and expect a view of the same memory and shape."""
    made, text = run(*lines, f"b = a.flip({axes})")
    a, b = made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value
    if b._handle is not a._handle:
        seen(text, b).fail("the elements were copied", "b._handle is another one", "b._handle is a._handle")
    seen(f"{text}; b.shape", b.shape).returns(a.shape, because="the same elements, in another order.")
    return a, b, text


def test_a_row_is_read_from_its_end():
    _, b, text = flipped(counted(4), axes=(0,))
    seen(f"{text}; b", b).returns([3, 2, 1, 0])
    because = "the view begins at the last element, 3 places on, and each step goes 1 place back."
    seen(f"{text}; (b._offset, *b.strides)", (b._offset, *b.strides)).returns((3, -1), because=because)


def test_only_the_axis_that_is_named_goes_backwards():
    _, b, text = flipped(counted(2, 3), axes=(1,))
    because = "axis 1 runs along a row: each row is turned round, and the rows stay where they are."
    seen(f"{text}; b", b).returns([[2, 1, 0], [5, 4, 3]], because=because)
    _, b, text = flipped(counted(2, 3), axes=(0,))
    because = "axis 0 runs down a column: the last row comes first, and each row stays as it is."
    seen(f"{text}; b", b).returns([[3, 4, 5], [0, 1, 2]], because=because)
    because = "(2 - 1) rows of 3 elements on."
    seen(f"{text}; b._offset", b._offset).returns(3, because=because)


def test_several_axes_go_backwards_together_in_whatever_order_they_are_named():
    for axes in ((0, 1), (1, 0)):
        _, b, text = flipped(counted(2, 3), axes=axes)
        seen(f"{text}; b", b).returns(
            [[5, 4, 3], [2, 1, 0]], because="both ways: it begins with the last one."
        )
    _, b, text = flipped(counted(2, 2, 3), axes=(2, 0))
    because = "b[i, j, k] is a[1 - i, j, 2 - k]: axis 1 is not named."
    seen(f"{text}; b", b).returns([[[8, 7, 6], [11, 10, 9]], [[2, 1, 0], [5, 4, 3]]], because=because)


def test_an_axis_may_be_a_number_alone_and_count_from_the_end():
    for axes in ("-1", "(-1,)", "1"):
        _, b, text = flipped(counted(2, 3), axes=axes)
        seen(f"{text}; b", b).returns([[2, 1, 0], [5, 4, 3]], because="axis -1 of two is axis 1.")


def test_a_view_is_turned_round_by_its_own_strides_from_its_own_offset():
    _, b, text = flipped(counted(12), viewed((2, 3), (-4, 2), 7), axes=(0,))
    because = "a shows [[7, 9, 11], [3, 5, 7]]: its row 1 begins 4 places before its row 0, at place 3."
    seen(f"{text}; b", b).returns([[3, 5, 7], [7, 9, 11]], because=because)
    seen(f"{text}; (b._offset, *b.strides)", (b._offset, *b.strides)).returns((3, 4, 2), because=because)


def test_no_axes_elements_or_neighbours_change_nothing():
    for shape, axes in [((2, 2), ()), ((), ()), ((0, 3), (0, 1)), ((2, 0), (0,)), ((1, 3), (0,))]:
        a, b, text = flipped(counted(*shape), axes=axes)
        seen(f"{text}; b", b).returns(a.numpy())


@pytest.mark.parametrize("axes", [(2,), (0, 2), (-3,), 5], ids=str)
def test_an_axis_that_is_not_there_is_refused(axes):
    a = run(counted(2, 3))[0]["a"]
    because = "a has the axes 0 and 1, also called -2 and -1."
    raises(ValueError, shown_as("a.flip", a.flip, setup=counted(2, 3)), axes, because=because)


@reproducible
@given(views_and_axes)
def test_each_element_is_found_at_its_mirrored_index(drawn):
    view, axes = drawn
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    a, b, text = flipped(counted(view.memory), where, axes=axes)
    before, after = a.numpy(), b.numpy()
    for at in np.ndindex(*view.shape):
        there = [*at]
        for axis in axes:
            there[axis] = view.shape[axis] - 1 - there[axis]
        because = (
            f"b[{at}] is a[{tuple(there)}]: an index i along a named axis of length n becomes n - 1 - i."
        )
        seen(f"{text}; b.numpy()[{at}]", after[at]).returns(before[tuple(there)], because=because)


@reproducible
@given(views_and_axes)
def test_flipping_twice_gives_the_array_back_and_leaves_it_as_it_was(drawn):
    view, axes = drawn
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    made, text = run(counted(view.memory), where, f"b = a.flip({axes})", f"c = b.flip({axes})")
    seen(f"{text}; c", made["c"]).returns(made["a"].numpy(), because="the last of the last is the first.")
    seen(f"{text}; a.strides", made["a"].strides).returns(view.strides, because="a itself is not touched.")
