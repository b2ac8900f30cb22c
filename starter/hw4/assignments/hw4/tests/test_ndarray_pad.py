"""ndarray_pad: zeros around arrays and views, a given number on each side of each axis."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import raises, runner, seen, shown_as
from grader.expect.drawing import reproducible
from grader.expect.views import views


def used_device():
    """Return cpu_numpy() with memory that was used before: it holds 7s until something is written."""
    device = ndl.backend_ndarray.BackendDevice("cpu_numpy", ndl.cpu_numpy().mod)
    fresh = device.Array

    def used(size):
        memory = fresh(size)
        memory.array[:] = 7
        return memory

    device.Array = used
    return device


run = runner(np=np, ndl=ndl, used_device=used_device)
width = st.integers(0, 2)
views_and_widths = views(max_dims=3, max_side=3, repeating=True).flatmap(
    lambda view: st.tuples(st.just(view), st.tuples(*[st.tuples(width, width)] * len(view.shape)))
)


def counted(*shape, device="ndl.cpu_numpy()"):
    """Return, as Python, an array of 1, 2, 3, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange(1, {math.prod(shape) + 1}).reshape({shape}), device={device})"


def viewed(shape, strides, offset):
    """Return, as Python, a view of the memory of `a`."""
    return f"a = ndl.NDArray.make({shape}, {strides}, a.device, a._handle, {offset})"


def padded(*lines, axes):
    """Give the array that some lines make a margin, and return both."""
    made, text = run(*lines, f"b = a.pad({axes})")
    return made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value, text


def test_zeros_stand_before_and_behind_a_row():
    _, b, text = padded(counted(3), axes=((1, 2),))
    seen(f"{text}; b", b).returns([0, 1, 2, 3, 0, 0], because="1 before and 2 behind: 1 + 3 + 2 = 6 numbers.")


def test_each_axis_has_its_own_pair():
    _, b, text = padded(counted(2, 2), axes=((1, 0), (0, 2)))
    because = "axis 0 gets a row on top; axis 1 gets two columns on the right."
    seen(f"{text}; b", b).returns([[0, 0, 0, 0], [1, 2, 0, 0], [3, 4, 0, 0]], because=because)


def test_a_pair_of_zeros_leaves_its_axis_as_it_is():
    _, b, text = padded(counted(1, 2, 1), axes=((0, 0), (1, 1), (0, 0)))
    seen(f"{text}; b", b).returns([[[0], [1], [2], [0]]], because="only the axis in the middle grows.")


def test_without_any_margin_it_is_still_a_copy():
    made, text = run(counted(2, 2), "b = a.pad(((0, 0), (0, 0)))", "b[...] = 50")
    because = "pad returns memory of its own: what is written to b must not reach a."
    seen(f"{text}; a", made["a"]).returns([[1, 2], [3, 4]], because=because)


def test_the_margin_is_zero_also_in_memory_that_was_used_before():
    _, b, text = padded(counted(2, device="used_device()"), axes=((2, 1),))
    because = "new memory holds whatever was there before (here 7s): fill it."
    seen(f"{text}; b", b).returns([0, 0, 1, 2, 0], because=because)


def test_a_view_is_copied_as_it_is_seen():
    _, b, text = padded(counted(12), viewed((2, 3), (-4, 2), 6), axes=((0, 1), (1, 0)))
    because = "a shows [[7, 9, 11], [3, 5, 7]], which lies from the end to the front and with gaps."
    seen(f"{text}; b", b).returns([[0, 7, 9, 11], [0, 3, 5, 7], [0, 0, 0, 0]], because=because)


def test_the_outcome_is_compact_and_lies_on_the_arrays_device():
    _, b, text = padded(counted(2, 3), "a = a.permute((1, 0))", axes=((1, 1), (0, 0)))
    seen(f"{text}; b.is_compact()", b.is_compact()).returns(True, because="reshape takes no other array.")
    if b.device != ndl.cpu_numpy():
        seen(f"{text}; b.device", b).fail(
            "b lies on another device", repr(b.device), "cpu_numpy(), as a does"
        )


def test_arrays_without_axes_or_elements_have_margins_too():
    _, b, text = padded("a = ndl.NDArray(5, device=ndl.cpu_numpy())", axes=())
    seen(f"{text}; b", b).returns(5, because="() has no axis, and so no pair.")
    _, b, text = padded(counted(0, 2), axes=((1, 1), (0, 1)))
    seen(f"{text}; b", b).returns([[0, 0, 0], [0, 0, 0]], because="1 + 0 + 1 rows of 0 + 2 + 1 zeros.")


@pytest.mark.parametrize(
    ("axes", "because"),
    [
        (((1, 1),), "a has two axes, and one pair is there."),
        (((0, 0), (1, 1), (0, 0)), "a has two axes, and three pairs are there."),
        (((0, 0), (1, -1)), "a margin has 0 elements or more."),
        (((-2, 1), (0, 0)), "a margin has 0 elements or more."),
    ],
    ids=str,
)
def test_pairs_that_do_not_fit_are_refused(axes, because):
    a = run(counted(2, 3))[0]["a"]
    raises(ValueError, shown_as("a.pad", a.pad, setup=counted(2, 3)), axes, because=because)


@reproducible
@given(views_and_widths)
def test_every_element_keeps_its_place_and_the_rest_is_zero(drawn):
    view, axes = drawn
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    a, b, text = padded(counted(view.memory), where, axes=axes)
    long = [before + side + behind for side, (before, behind) in zip(view.shape, axes, strict=True)]
    seen(f"{text}; b.shape", b.shape).returns(long, because="before + length + behind, along each axis.")
    inside, around = a.numpy(), b.numpy()
    for at in np.ndindex(*long):
        there = tuple(index - before for index, (before, _) in zip(at, axes, strict=True))
        if all(0 <= index < side for index, side in zip(there, view.shape, strict=True)):
            expected, because = inside[there], f"b[{at}] is a[{there}]."
        else:
            expected, because = 0, f"b[{at}] lies in the margin."
        seen(f"{text}; b.numpy()[{at}]", around[at]).returns(expected, because=because)
