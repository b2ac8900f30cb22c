"""Memory: sizes that there are none of are refused with their number of bytes, and nothing leaks."""

import re

import numpy as np
import pytest
from ndarray_devices import HERE, assert_same, numbers, on_every_device

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray

compiled = pytest.mark.parametrize("device", [one for one in HERE if one.name != "cpu_numpy"], ids=repr)


@on_every_device
@pytest.mark.parametrize("shape", [(2**46,), (2**23, 2**23), (2**40, 2**6)])
def test_what_no_memory_holds_is_refused(device: BackendDevice, shape: tuple[int, ...]) -> None:
    with pytest.raises(MemoryError):
        nd.empty(shape, device=device)
    with pytest.raises(MemoryError):
        NDArray(np.ones(1), device=device).broadcast_to((*shape,)).copy()


@compiled
def test_a_refusal_names_the_bytes_that_were_asked_for(device: BackendDevice) -> None:
    with pytest.raises(MemoryError, match=re.escape(str(2**46 * 4))):
        nd.empty((2**46,), device=device)


@on_every_device
def test_after_a_refusal_arrays_are_made_as_before(device: BackendDevice) -> None:
    kept = [NDArray(numbers((8, 8)), device=device) for _ in range(4)]
    for _ in range(20):
        with pytest.raises(MemoryError):
            nd.empty((2**46,), device=device)
    for one in kept:
        assert_same(one, numbers((8, 8)))


@on_every_device
def test_shapes_whose_size_overflows_are_refused(device: BackendDevice) -> None:
    for shape in ((2**62, 4), (2**32, 2**32), (2**63,)):
        with pytest.raises((MemoryError, ValueError, TypeError, OverflowError)):
            nd.empty(shape, device=device)


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


@on_every_device
def test_what_is_dropped_is_freed(device: BackendDevice) -> None:
    if device.name == "cuda_sim":
        pytest.skip("the simulator takes too long for arrays of a megabyte")
    try:
        resident()
    except OSError:
        pytest.skip("needs /proc, which shows how much memory a process has")
    a = NDArray(np.ones((512, 512)), device=device)

    def work() -> None:
        for _ in range(40):
            b = a + a
            b[::2] = b[1::2] * 2
            (b.sum(axis=0) + nd.from_dlpack(np.ones(512, dtype="float32")).to(device)).numpy()
            with pytest.raises(MemoryError):
                nd.empty((2**46,), device=device)

    work()
    before = resident()
    for _ in range(3):
        work()
    assert resident() < before + 8 * 2**20  # 120 arrays of a megabyte came and went
