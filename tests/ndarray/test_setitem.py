"""Writing to views: numbers, arrays that broadcast, and arrays that overlap with where they go."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import (
    assert_same,
    counted,
    filled_shapes,
    numbers,
    on_device,
    on_every_device,
    on_numpy,
    seeds,
    small,
    views,
)

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import DeviceError, ShapeError


@st.composite
def places(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[slice, ...]]:
    shape = draw(filled_shapes.filter(bool))
    return shape, tuple(draw(st.slices(side)) for side in shape)


@on_every_device
@small
@given(place=places(), seed=seeds, kind=st.sampled_from(["number", "array", "row", "view"]))
def test_what_is_written_to_a_slice_is_numpys(
    device: BackendDevice, place: Any, seed: int, kind: str
) -> None:
    shape, index = place
    theirs = counted(shape)
    ours = NDArray(theirs, device=device)
    window = theirs[index].shape
    value: Any = numbers(window[1:] if kind == "row" else window, seed)
    if kind == "number":
        ours[index] = theirs[index] = 2.5
    elif kind == "view":  # with its axes in another order in memory
        ours[index] = nd.transpose(NDArray(value.T, device=device))
        theirs[index] = value
    else:
        ours[index] = NDArray(value, device=device) if kind == "array" else value
        theirs[index] = value
    assert_same(ours, theirs)


@on_every_device
@small
@given(view=views(), seed=seeds)
def test_a_view_of_a_view_is_written_through(device: BackendDevice, view: Any, seed: int) -> None:
    shape, steps = view
    steps = [step for step in steps if step[0] != "broadcast_to"]
    theirs = counted(shape)
    try:
        window = on_numpy(theirs, steps)
    except (ValueError, IndexError):  # a step that followed one of those left out
        return
    ours = NDArray(theirs, device=device)
    value = numbers(window.shape, seed)
    window[...] = value
    on_device(ours, steps)[...] = NDArray(value, device=device)
    assert_same(ours, theirs)


@on_every_device
@small
@given(size=st.integers(2, 40), a=st.slices(40), b=st.slices(40))
def test_an_array_may_overlap_with_where_it_is_written(
    device: BackendDevice, size: int, a: slice, b: slice
) -> None:
    theirs = counted((size,))
    ours = NDArray(theirs, device=device)
    count = min(len(theirs[a]), len(theirs[b]))
    source, target = ours[a][:count], ours[b][:count]
    theirs[b][:count] = theirs[a][:count].copy()
    target[...] = source
    assert_same(ours, theirs)


@on_every_device
def test_a_matrix_can_be_turned_over_in_place(device: BackendDevice) -> None:
    theirs = counted((17, 17))
    ours = NDArray(theirs, device=device)
    ours[...] = nd.transpose(ours)
    assert_same(ours, theirs.T)
    ours[...] = nd.flip(ours, (0, 1))
    assert_same(ours, theirs.T[::-1, ::-1])


@on_every_device
def test_axes_of_length_1_may_stand_elsewhere(device: BackendDevice) -> None:
    ours, theirs = NDArray(np.zeros((3, 4)), device=device), np.zeros((3, 4))
    column, row = numbers((3,)), numbers((4,), 1)
    ours[:, 1] = NDArray(column, device=device)
    theirs[:, 1] = column
    ours[2] = NDArray(row, device=device).reshape((1, 1, 4))
    theirs[2] = row
    ours[0] = [1, 2, 3, 4]
    theirs[0] = [1, 2, 3, 4]
    assert_same(ours, theirs)


@on_every_device
def test_fill_sets_a_view_alone(device: BackendDevice) -> None:
    ours = NDArray(np.zeros((3, 4)), device=device)
    ours[1:, ::2].fill(5)
    assert_same(ours, [[0, 0, 0, 0], [5, 0, 5, 0], [5, 0, 5, 0]])


@on_every_device
def test_an_array_that_fits_no_view_is_refused(device: BackendDevice) -> None:
    ours = NDArray(np.zeros((3, 4)), device=device)
    with pytest.raises(ShapeError, match=re.escape("broadcast_to: (3,) can't become (3, 4).")):
        ours[...] = NDArray(np.ones(3), device=device)
    for other in (one for one in nd.all_devices() if one.enabled() and one != device):
        with pytest.raises(DeviceError, match="setitem: one array lies on"):
            ours[...] = NDArray(np.ones((3, 4)), device=other)
    assert_same(ours, np.zeros((3, 4)))
