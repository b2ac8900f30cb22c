"""Views: chains of reshape, permute, broadcast, slice and flip are NumPy's, and share their memory."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import (
    assert_same,
    counted,
    filled_shapes,
    on_device,
    on_every_device,
    on_numpy,
    shapes,
    small,
    views,
)

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import ShapeError


@on_every_device
@small
@given(view=views(shapes))
def test_a_chain_of_views_is_numpys_and_shares_memory(device: BackendDevice, view: Any) -> None:
    shape, steps = view
    whole = NDArray(counted(shape), device=device)
    ours, theirs = on_device(whole, steps), on_numpy(counted(shape), steps)
    assert_same(ours, theirs)
    assert ours._handle is whole._handle
    assert (ours.ndim, ours.size, ours.device) == (theirs.ndim, theirs.size, device)
    whole.fill(7)
    assert_same(ours, np.full(theirs.shape, 7))


@on_every_device
@small
@given(view=views())
def test_a_compact_copy_has_the_views_elements_and_memory_of_its_own(
    device: BackendDevice, view: Any
) -> None:
    shape, steps = view
    whole = NDArray(counted(shape), device=device)
    ours, expected = on_device(whole, steps), on_numpy(counted(shape), steps)
    made, copy = ours.compact(), ours.copy()
    assert made.is_compact()
    assert (made is ours) == ours.is_compact()
    assert copy._handle is not whole._handle
    for one in (made, copy):
        assert_same(one, expected)
        assert one.strides == NDArray.compact_strides(one.shape)
    whole.fill(7)
    assert_same(copy, expected)


@on_every_device
@small
@given(old=filled_shapes, cut=st.integers(0, 4), view=st.booleans())
def test_a_reshape_reads_the_elements_in_their_order(
    device: BackendDevice, old: tuple[int, ...], cut: int, view: bool
) -> None:
    new = (math.prod(old[:cut]), 1, *reversed(old[cut:]))
    ours, theirs = NDArray(counted(old), device=device), counted(old)
    if view and len(old) > 1:
        ours, theirs = ours.permute(tuple(reversed(range(len(old))))), theirs.T
    assert_same(nd.reshape(ours, new), theirs.reshape(new))
    if ours.is_compact():
        assert ours.reshape(new)._handle is ours._handle
        assert_same(ours.flat, theirs.reshape(-1))
    else:
        with pytest.raises(ValueError, match=r"reshape: the array is not compact\. .* Call compact\(\)"):
            ours.reshape(new)


@on_every_device
def test_flip_and_negative_indices_count_from_the_end(device: BackendDevice) -> None:
    a, b = NDArray(counted((3, 4)), device=device), counted((3, 4))
    assert_same(nd.flip(a, (0, -1)), b[::-1, ::-1])
    assert_same(nd.flip(a, 1), b[:, ::-1])
    assert_same(a[-1], b[-1:])
    assert_same(a[-2:, -1], b[-2:, -1:])
    assert_same(a[::-2, 3:0:-1], b[::-2, 3:0:-1])
    assert_same(a[5:, ...], b[5:])
    assert_same(a[..., 1], b[..., 1:2])
    assert nd.flip(a, 0)._handle is a._handle


def test_a_whole_number_keeps_its_axis_and_a_row_is_found_by_iteration() -> None:
    a = nd.array(counted((2, 3)))
    assert a[1, 2].shape == (1, 1)
    assert [row.shape for row in a] == [(1, 3), (1, 3)]
    assert len(a) == 2


def test_only_the_whole_memory_row_by_row_is_compact() -> None:
    a = nd.array(counted((2, 3)))
    assert a.is_compact()
    assert not a[1:].is_compact()
    assert not a.permute((1, 0)).is_compact()
    assert not a[:1].is_compact()  # it does not show the whole
    assert not a.broadcast_to((2, 2, 3)).is_compact()
    assert nd.array(5.0).is_compact()


A = nd.array(counted((2, 3)))


@pytest.mark.parametrize(
    ("refused", "error", "text"),
    [
        (
            lambda: A.reshape((4, 2)),
            ShapeError,
            "reshape: (2, 3) can't become (4, 2). Expected as many elements as before. Work the sizes out",
        ),
        (lambda: A.reshape((-1, 3)), ShapeError, "-1 is not known here."),
        (lambda: A.reshape((-2, -3)), ShapeError, "reshape: (2, 3) can't become (-2, -3)."),
        (
            lambda: A.permute((0, 0)),
            ShapeError,
            "permute: axes (0, 0) of 2. Expected every axis once, counted from 0. Name them all.",
        ),
        (lambda: A.permute((0,)), ShapeError, "permute: axes (0,) of 2."),
        (lambda: nd.transpose(A, (0, 5)), ShapeError, "permute: axes (0, 5) of 2."),
        (lambda: nd.swapaxes(A, 0, 2), ShapeError, "swapaxes: axes 0 and 2 of 2."),
        (lambda: nd.flip(A, 2), ShapeError, "flip: axes 2 of 2."),
        (lambda: nd.expand_dims(A, 4), ShapeError, "expand_dims: axis 4 of 3."),
        (
            lambda: A.broadcast_to((3, 3)),
            ShapeError,
            "broadcast_to: (2, 3) can't become (3, 3). Expected each axis, aligned from the right, to be",
        ),
        (lambda: A.broadcast_to((3,)), ShapeError, "broadcast_to: (2, 3) can't become (3,)."),
        (
            lambda: A.as_strided((2,), (1, 1)),
            ShapeError,
            "as_strided: 1 axes and 2 strides. Expected as",
        ),
        (lambda: A[0, 0, 0], IndexError, "index: 3 axes of an array with 2. Expected no more."),
        (
            lambda: A[2],
            IndexError,
            "index: 2 along axis 0, which is 2 long. Expected -2 <= index < 2.",
        ),
        (lambda: A[0, -4], IndexError, "index: -4 along axis 1, which is 3 long. Expected -3 <= index < 3."),
        (
            lambda: NDArray.make((2, -1)),
            ShapeError,
            "NDArray: found the shape (2, -1). Expected no axis",
        ),
        (lambda: A.item(), ShapeError, "is asked of the shape (2, 3). Expected one element."),
        (lambda: bool(A), ShapeError, "a number, or truth, is asked of the shape (2, 3)."),
        (lambda: len(nd.array(1.0)), TypeError, "len: the array has no axes."),
    ],
)
def test_a_view_that_there_is_not_is_refused_in_words(
    refused: Callable[[], Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        refused()


@on_every_device
def test_a_view_that_reaches_out_of_its_memory_is_refused_before_it_is_read(device: BackendDevice) -> None:
    a = NDArray(counted((6,)), device=device)
    for shape, strides in (((7,), (1,)), ((2, 4), (3, 1)), ((2,), (-1,)), ((2,), (2**62,))):
        view = a.as_strided(shape, strides)
        for read in (view.numpy, view.copy, lambda view=view: view + view, lambda view=view: view.sum()):
            with pytest.raises((IndexError, ValueError), match=r"reaches|more elements"):
                read()
