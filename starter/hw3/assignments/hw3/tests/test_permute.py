"""permute: axes in another order, on views of every kind, one element at a time."""

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

views_and_orders = views(max_dims=4, max_side=3, repeating=True).flatmap(
    lambda view: st.tuples(st.just(view), st.permutations(range(len(view.shape))).map(tuple))
)


def counted(*shape):
    """Return, as Python, an array of 0, 1, 2, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange({math.prod(shape)}).reshape({shape}), device=ndl.cpu_numpy())"


def viewed(shape, strides, offset):
    """Return, as Python, a view of the memory of `a`."""
    return f"a = ndl.NDArray.make({shape}, {strides}, a.device, a._handle, {offset})"


def permuted(*lines, axes):
    """Permute the array that some lines make, and expect a view of the same memory, from the same place."""
    made, text = run(*lines, f"b = a.permute({axes})")
    a, b = made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value
    if b._handle is not a._handle:
        seen(text, b).fail("the elements were copied", "b._handle is another one", "b._handle is a._handle")
    because = "the first element is the first one in any order of the axes."
    seen(f"{text}; b._offset", b._offset).returns(a._offset, because=because)
    return a, b, text


def test_rows_become_columns():
    _, b, text = permuted(counted(2, 3), axes=(1, 0))
    seen(f"{text}; b", b).returns([[0, 3], [1, 4], [2, 5]])
    because = "a's columns, 1 element apart, are b's rows; a's rows, 3 apart, are b's columns."
    seen(f"{text}; b.strides", b.strides).returns((1, 3), because=because)


def test_axis_i_of_the_view_is_axis_new_axes_i_of_the_array():
    _, b, text = permuted(counted(2, 3, 4), axes=(2, 0, 1))
    because = "b's axis 0 is a's axis 2, of length 4: not a's axis 0 moved to place 2."
    seen(f"{text}; b.shape", b.shape).returns((4, 2, 3), because=because)
    because = "the strides (12, 4, 1) go along with the lengths."
    seen(f"{text}; b.strides", b.strides).returns((1, 12, 4), because=because)


def test_the_array_itself_stays_as_it_is():
    a, _, text = permuted(counted(2, 3), axes=(1, 0))
    seen(f"{text}; a.shape", a.shape).returns((2, 3), because="permute returns another view; a stays a's.")
    seen(f"{text}; a.strides", a.strides).returns((3, 1))


def test_a_view_keeps_its_offset_and_its_own_strides():
    _, b, text = permuted(counted(12), viewed((2, 3), (-4, 2), 7), axes=(1, 0))
    because = "a shows [[7, 9, 11], [3, 5, 7]]: its strides are -4 and 2, whatever its shape is."
    seen(f"{text}; b", b).returns([[7, 3], [9, 5], [11, 7]], because=because)
    seen(f"{text}; b.strides", b.strides).returns((2, -4), because=because)


def test_a_repeated_axis_stays_repeated():
    _, b, text = permuted(counted(3), viewed((2, 3), (0, 1), 0), axes=(1, 0))
    seen(f"{text}; b.strides", b.strides).returns((1, 0), because="a stride of 0 goes along like any other.")
    seen(f"{text}; b", b).returns([[0, 0], [1, 1], [2, 2]])


def test_an_array_without_axes_or_elements_can_be_permuted():
    for shape, axes, expected in [((), (), ()), ((0, 3), (1, 0), (3, 0)), ((2, 0, 5), (2, 0, 1), (5, 2, 0))]:
        _, b, text = permuted(counted(*shape), axes=axes)
        seen(f"{text}; b.shape", b.shape).returns(expected)


@pytest.mark.parametrize("axes", [(0,), (0, 0), (0, 1, 2), (0, 2), (1, 1), ()], ids=str)
def test_axes_that_are_missing_repeated_or_not_there_are_refused(axes):
    a = run(counted(2, 3))[0]["a"]
    because = "a has the axes 0 and 1: both have to be named, each once."
    raises(ValueError, shown_as("a.permute", a.permute, setup=counted(2, 3)), axes, because=because)


@reproducible
@given(views_and_orders)
def test_each_element_is_found_at_its_permuted_index(drawn):
    view, axes = drawn
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    a, b, text = permuted(counted(view.memory), where, axes=axes)
    seen(f"{text}; b.shape", b.shape).returns([view.shape[axis] for axis in axes])
    before, after = a.numpy(), b.numpy()
    for at in np.ndindex(*view.shape):
        there = tuple(at[axis] for axis in axes)
        because = f"b[{there}] is a[{at}]: index i of b is index {axes}[i] of a."
        seen(f"{text}; b.numpy()[{there}]", after[there]).returns(before[at], because=because)


@reproducible
@given(views_and_orders)
def test_two_permutations_that_undo_each_other_give_the_array_back(drawn):
    view, axes = drawn
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    _, b, text = permuted(counted(view.memory), where, f"a = a.permute({axes})", axes=back)
    because = f"{back} undoes {axes}."
    seen(f"{text}; b.shape", b.shape).returns(view.shape, because=because)
    seen(f"{text}; b.strides", b.strides).returns(view.strides, because=because)
