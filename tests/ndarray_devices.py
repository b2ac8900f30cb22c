"""The devices that tests of NDArray go over, and arrays on them beside NumPy's."""

import math
from typing import Any

import numpy as np
import pytest
from backend_tested import quickly
from hypothesis import settings
from hypothesis import strategies as st

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray

Shape = tuple[int, ...]


def _taught(device: BackendDevice) -> BackendDevice:
    """Return a device without its fast kernels, as students have it."""
    plain = BackendDevice(device.name, device.mod)
    plain.fast = None
    return plain


HERE = [device for device in nd.all_devices() if device.enabled()]
HERE += [_taught(device) for device in HERE if device.fast is not None]

on_every_device = pytest.mark.parametrize(
    "device", HERE, ids=lambda device: device.name + ("" if device.fast is None else "-fast")
)
small = settings(quickly, max_examples=max(1, quickly.max_examples // 2))  # of a property on each device

sides = st.integers(0, 5)
shapes = st.lists(sides, max_size=4).map(tuple)
filled_shapes = st.lists(st.integers(1, 5), max_size=4).map(tuple)
seeds = st.integers(0, 999)


def numbers(shape: Shape, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def counted(shape: Shape) -> np.ndarray:
    """Return an array whose elements are all different."""
    return np.arange(math.prod(shape), dtype="float32").reshape(shape)


def assert_same(ours: NDArray, theirs: Any) -> None:
    np.testing.assert_array_equal(ours.numpy(), np.asarray(theirs, dtype="float32"), strict=True)


def assert_near(ours: NDArray, theirs: Any, tolerance: float = 1e-5) -> None:
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    size = np.abs(theirs[np.isfinite(theirs)]).max(initial=1)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=tolerance, atol=tolerance * size)


@st.composite
def _step(draw: st.DrawFn, shape: Shape) -> tuple[str, Any]:
    """Draw a change of a view: its method's name and the argument."""
    kinds = ["getitem", "permute", "broadcast_to"] if shape else ["broadcast_to"]
    kind = draw(st.sampled_from(kinds))
    if kind == "permute":
        return kind, tuple(draw(st.permutations(range(len(shape)))))
    if kind == "broadcast_to":
        grown = tuple(draw(st.integers(0, 3)) if side == 1 else side for side in shape)
        return kind, (*draw(st.lists(st.integers(1, 2), max_size=1)), *grown)
    return kind, tuple(draw(st.slices(side)) for side in shape)


@st.composite
def views(draw: st.DrawFn, shapes: st.SearchStrategy[Shape] = filled_shapes) -> tuple[Shape, list]:
    """Draw a shape, and steps that lead from a compact array of it to a view."""
    shape = draw(shapes)
    steps, now = [], np.empty(shape)
    for _ in range(draw(st.integers(0, 3))):
        step = draw(_step(now.shape))
        moved = on_numpy(now, [step])
        if moved.ndim > 6:
            break
        steps.append(step)
        now = moved
    return shape, steps


def on_numpy(array: np.ndarray, steps: list) -> np.ndarray:
    for kind, argument in steps:
        if kind == "getitem":
            array = array[argument]
        elif kind == "permute":
            array = array.transpose(argument)
        else:
            array = np.broadcast_to(array, argument)
    return array


def on_device(array: NDArray, steps: list) -> NDArray:
    for kind, argument in steps:
        if kind == "getitem":
            array = array[argument] if argument else array
        else:
            array = getattr(array, kind)(argument)
    return array
