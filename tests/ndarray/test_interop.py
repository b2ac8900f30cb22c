"""Arrays to and from NumPy and PyTorch: without a copy where memory allows, alive as long as either side."""

import gc
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from ndarray_devices import (
    assert_same,
    counted,
    filled_shapes,
    numbers,
    on_device,
    on_every_device,
    on_numpy,
    small,
    views,
)

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import DeviceError, DTypeError

HOST = nd.cpu() if nd.cpu().enabled() else nd.cpu_numpy()

compiled = pytest.mark.skipif(not nd.cpu().enabled(), reason="memory is shared by cpu(), which is not built")


class Handing:
    """An object that hands out a capsule, and says where the memory lies."""

    def __init__(self, capsule: Any, place: tuple[int, int]) -> None:
        self.capsule = capsule
        self.place = place

    def __dlpack__(self, **asked: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.place


def lend(library: str) -> Any:
    if library == "numpy":
        return np.arange(6, dtype="float32").reshape(2, 3)
    torch = pytest.importorskip("torch", reason="PyTorch is one of the other libraries")
    return torch.arange(6, dtype=torch.float32).reshape(2, 3)


both = pytest.mark.parametrize("library", ["numpy", "torch"])


@on_every_device
@small
@given(view=views(filled_shapes))
def test_any_view_becomes_an_array_of_numpy(device: BackendDevice, view: Any) -> None:
    shape, steps = view
    ours, theirs = on_device(NDArray(counted(shape), device=device), steps), on_numpy(counted(shape), steps)
    for found in (ours.numpy(), np.asarray(ours), np.array(ours)):
        np.testing.assert_array_equal(found, theirs, strict=True)
        assert found.flags.writeable
        assert found.flags.c_contiguous
    assert np.asarray(ours, dtype="int64").dtype == "int64"
    before = ours.numpy()
    ours.numpy()[...] = -1
    assert_same(ours, before)


def test_numpy_may_not_have_it_without_a_copy() -> None:
    with pytest.raises(ValueError, match=r"array: copy=False is asked for\. Expected a copy to be fine"):
        np.array(nd.array([1.0]), copy=False)


@compiled
@small
@given(view=views(filled_shapes))
def test_a_view_is_lent_with_its_strides_and_shares_memory(view: Any) -> None:
    shape, steps = view
    whole = NDArray(counted(shape), device=HOST)
    lent = np.from_dlpack(on_device(whole, steps))
    np.testing.assert_array_equal(lent, on_numpy(counted(shape), steps), strict=True)
    whole.fill(7)
    np.testing.assert_array_equal(lent, np.full(lent.shape, 7))


@compiled
@small
@given(view=views(filled_shapes))
def test_a_view_of_numpys_is_taken_with_its_strides_and_shares_memory(view: Any) -> None:
    shape, steps = view
    steps = [step for step in steps if step[0] != "broadcast_to"]  # NumPy lends no array that is read-only
    theirs = counted(shape)
    try:
        window = on_numpy(theirs, steps)
    except (ValueError, IndexError):
        return
    ours = nd.from_dlpack(window)
    assert_same(ours, window)
    assert_same(ours + 1, window + 1)
    theirs[...] = 7
    assert_same(ours, window)


@compiled
@both
def test_what_one_side_writes_the_other_reads(library: str) -> None:
    theirs = lend(library)
    ours = nd.from_dlpack(theirs)
    theirs[0, 0] = 50
    assert ours[0, 0].item() == 50
    ours[1, 2] = -1
    assert theirs[1, 2] == -1
    if library == "torch":  # NumPy takes what others lend as read-only
        pytest.importorskip("torch").from_dlpack(ours.T)[0, 1] = 8
        assert (float(theirs[1, 0]), ours[1, 0].item()) == (8, 8)


@compiled
@both
def test_memory_lives_as_long_as_either_side(library: str) -> None:
    source = nd.array(numbers((50, 40)))
    expected = source.numpy()
    lent = (np if library == "numpy" else pytest.importorskip("torch")).from_dlpack(source)
    handle = weakref.ref(source)
    del source
    gc.collect()
    assert handle() is None
    [nd.array(np.zeros((50, 40))) for _ in range(8)]  # would take the memory if it were free
    np.testing.assert_array_equal(np.asarray(lent), expected)

    theirs = lend(library)
    ours = nd.from_dlpack(theirs)
    del theirs
    gc.collect()
    [np.zeros((2, 3), dtype="float32") for _ in range(8)]
    assert_same(ours, counted((2, 3)))


@compiled
def test_what_was_taken_is_given_back_once_its_last_view_is_gone() -> None:
    array = counted((2, 3))
    owner = array.view(type("Owned", (np.ndarray,), {}))  # a weak reference needs a class of its own
    gone = weakref.ref(owner)
    ours = nd.from_dlpack(owner)
    view = ours[1:]
    del owner, ours
    gc.collect()
    assert gone() is not None
    assert_same(view, array[1:])
    del view
    gc.collect()
    assert gone() is None


@compiled
def test_a_capsule_that_nobody_takes_lets_go_of_its_array() -> None:
    source = nd.array(numbers((4,)))
    counts = [sys.getrefcount(source._handle)]
    capsule = source.__dlpack__()
    counts.append(sys.getrefcount(source._handle))
    del capsule
    counts.append(sys.getrefcount(source._handle))
    assert counts == [counts[0], counts[0] + 1, counts[0]]


@compiled
def test_a_capsule_is_taken_once() -> None:
    spent = Handing(nd.array(numbers((4,))).__dlpack__(), (1, 0))
    assert_same(nd.from_dlpack(spent), numbers((4,)))
    with pytest.raises(ValueError, match=r"from_dlpack: .*once|taken"):
        nd.from_dlpack(spent)


def test_arrays_without_axes_and_empty_ones_pass() -> None:
    for array in (
        np.array(5, dtype="float32"),
        np.zeros((0, 3), dtype="float32"),
        np.zeros((2, 0), "float32"),
    ):
        ours = nd.from_dlpack(array)
        assert_same(ours, array)
        assert_same(nd.array(ours), array)
        np.testing.assert_array_equal(np.from_dlpack(ours), array, strict=True)


def test_only_float32_of_a_device_that_is_here_is_taken() -> None:
    with pytest.raises(TypeError, match=r"from_dlpack: the array is not of float32\. .*Convert it first"):
        nd.from_dlpack(np.ones(3))
    with pytest.raises(DTypeError, match=r"from_dlpack: found list\. Expected an array that speaks DLPack"):
        nd.from_dlpack([1.0])

    with pytest.raises(DeviceError, match=r"of DLPack's kind 12\. Expected this machine's processor"):
        nd.from_dlpack(Handing(None, (12, 0)))


def test_a_tensor_of_pytorch_and_a_list_become_arrays() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is one of the other libraries")
    assert_same(nd.array(torch.arange(3)), [0, 1, 2])
    assert_same(NDArray([[1, 2]]), [[1, 2]])


def test_it_is_lent_on_its_own_device_alone_and_copied_on_demand() -> None:
    ours = nd.array(counted((2, 3)))
    refused = r"__dlpack__: the array lies on .* DLPack's device \(2, 0\)\. Expected its own"
    with pytest.raises(BufferError, match=refused):
        ours.__dlpack__(dl_device=(2, 0))
    copied = np.from_dlpack(Handing(ours.__dlpack__(copy=True), (1, 0)))
    ours.fill(7)
    np.testing.assert_array_equal(copied, counted((2, 3)))


@compiled
def test_what_kernels_could_not_read_is_refused() -> None:
    between = np.zeros(13, dtype="uint8")[1:].view("float32")
    refused = r"from_dlpack: the array begins between two numbers' places\. Expected an"
    with pytest.raises(ValueError, match=refused):
        nd.from_dlpack(between)
    newer = Handing(counted((2,)).__dlpack__(max_version=(1, 0)), (1, 0))
    with pytest.raises(
        ValueError, match=r"or is of another version\. Expected a fresh one of DLPack's version 0"
    ):
        nd.from_dlpack(newer)
