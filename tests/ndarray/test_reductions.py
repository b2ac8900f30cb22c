"""Sums and largest elements over any axes, of views and of empty arrays."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import (
    assert_near,
    assert_same,
    numbers,
    on_device,
    on_every_device,
    on_numpy,
    seeds,
    shapes,
    small,
    views,
)

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import ShapeError


@on_every_device
@small
@given(data=st.data(), view=views(shapes), seed=seeds, keepdims=st.booleans())
def test_sums_and_maxima_over_any_axes_of_a_view_are_numpys(
    device: BackendDevice, data: st.DataObject, view: Any, seed: int, keepdims: bool
) -> None:
    shape, steps = view
    whole = numbers(shape, seed)
    a, ours = on_numpy(whole, steps), on_device(NDArray(whole, device=device), steps)
    axis: Any = None
    if a.ndim:
        one = st.integers(-a.ndim, a.ndim - 1)
        several = st.lists(one, unique_by=lambda at: at % a.ndim).map(tuple)
        axis = data.draw(st.none() | one | several)
    assert_near(nd.sum(ours, axis, keepdims), a.sum(axis=axis, keepdims=keepdims))
    if a.size:
        assert_same(nd.max(ours, axis, keepdims), a.max(axis=axis, keepdims=keepdims))


@on_every_device
def test_a_method_over_all_axes_gives_one_element_in_a_row(device: BackendDevice) -> None:
    a = numbers((3, 4))
    ours = NDArray(a, device=device)
    assert ours.sum().shape == ours.max().shape == (1,)
    assert ours.sum(keepdims=True).shape == (1, 1)
    assert nd.sum(ours).shape == nd.max(ours).shape == ()
    assert_near(ours.sum(), [a.sum()])
    assert_near(ours.sum(axis=(0, -1)), a.sum())
    assert_same(ours.max(axis=1, keepdims=True), a.max(axis=1, keepdims=True))


@on_every_device
def test_a_sum_of_nothing_is_0_and_a_maximum_of_nothing_is_refused(device: BackendDevice) -> None:
    empty = NDArray(np.ones((0, 3)), device=device)
    assert_same(empty.sum(axis=0), [0, 0, 0])
    assert empty.max(axis=1).shape == (0,)
    with pytest.raises(ShapeError, match=re.escape("max: the array is (0, 3). Expected an element at least")):
        empty.max(axis=0)


@on_every_device
def test_long_sums_stay_exact_to_the_last_digits(device: BackendDevice) -> None:
    count = 3_000 if device.name == "cuda_sim" else 300_000
    a = np.random.default_rng(0).uniform(0, 1, count).astype("float32")
    exact = a.astype("float64").sum()
    tolerance = 1e-4 if device.fast is None else 1e-6
    assert NDArray(a, device=device).sum().item() == pytest.approx(exact, rel=tolerance)
    assert NDArray(a, device=device).max().item() == a.max()


@on_every_device
def test_a_nan_is_in_every_result_that_it_is_part_of(device: BackendDevice) -> None:
    a = numbers((4, 5))
    a[1, 2] = np.nan
    ours = NDArray(a, device=device)
    assert_near(ours.sum(axis=1), a.sum(axis=1))
    assert_near(ours.sum(axis=0), a.sum(axis=0))


@on_every_device
def test_reduce_view_out_puts_the_axes_to_reduce_last(device: BackendDevice) -> None:
    a = numbers((2, 3, 4))
    view, out = NDArray(a, device=device).reduce_view_out(1)
    assert_same(view, a.transpose((0, 2, 1)))
    assert out.shape == (2, 4)
    view, out = NDArray(a, device=device).reduce_view_out((0, 2), keepdims=True)
    assert_same(view, a.transpose((1, 0, 2)))
    assert out.shape == (1, 3, 1)


@pytest.mark.parametrize("axis", [2, -3, (0, 0), (1, -1), (0, 5)])
def test_an_axis_that_there_is_not_is_refused(axis: Any) -> None:
    a = nd.array(numbers((2, 3)))
    for name, refused in (("reduce_sum", a.sum), ("reduce_max", a.max)):
        with pytest.raises(ShapeError, match=re.escape(f"{name}: axis {axis} of an array with 2 axes.")):
            refused(axis=axis)
