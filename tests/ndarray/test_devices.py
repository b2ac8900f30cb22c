"""Devices: their names, what they offer, which one is the default, and what a missing one says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ndarray_devices import HERE, assert_same, on_every_device

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import DeviceError, DTypeError

REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def test_devices_are_equal_by_name_and_show_it() -> None:
    assert nd.cpu() is nd.cpu()
    assert BackendDevice("cpu", None) == nd.cpu()
    assert hash(BackendDevice("cpu", None)) == hash(nd.cpu())
    assert nd.cpu() != nd.cpu_numpy()
    assert nd.cpu() != "cpu"
    assert [repr(one) for one in nd.all_devices()] == ["cpu()", "cuda()", "cuda_sim()", "cpu_numpy()"]


def test_numpys_device_is_always_here() -> None:
    assert nd.cpu_numpy().enabled()
    assert nd.default_device().enabled()


@on_every_device
def test_a_device_makes_arrays(device: BackendDevice) -> None:
    np.random.seed(0)
    drawn = device.rand(2, 3), device.randn(2, 3)
    np.random.seed(0)
    for ours, theirs in zip(drawn, (np.random.rand(2, 3), np.random.randn(2, 3)), strict=True):
        assert_same(ours, theirs.astype("float32"))
    assert_same(device.one_hot(3, np.array([[2, 0]])), [[[0, 0, 1], [1, 0, 0]]])
    assert_same(device.full((2,), 1.5), [1.5, 1.5])
    assert_same(device.zeros(2, 1), [[0], [0]])
    assert_same(device.ones(), 1)
    assert device.empty((4, 0)).shape == (4, 0)
    assert {one.device for one in drawn} == {device}
    with pytest.raises(DTypeError, match="found dtype float64"):
        device.rand(2, dtype="float64")


@on_every_device
def test_a_modules_functions_are_the_devices_attributes(device: BackendDevice) -> None:
    assert device.__device_name__ in (device.name, "cuda")
    assert device.__tile_size__ >= 1
    handle = device.Array(3)
    device.fill(handle, 2.0)
    assert handle.size == 3
    assert device.to_numpy(handle, (3,), (1,), 0).tolist() == [2, 2, 2]
    assert isinstance(handle.ptr(), int)
    with pytest.raises(AttributeError, match=r"has no nonsense\."):
        device.nonsense  # noqa: B018


@pytest.mark.parametrize("device", [one for one in nd.all_devices() if not one.enabled()], ids=repr)
def test_a_device_that_is_not_built_says_how_to_come_by_it(device: BackendDevice) -> None:
    advice = "NVIDIA GPU" if device.name == "cuda" else "make build"
    with pytest.raises(DeviceError, match=rf"the module ndarray_backend_{device.name} .*{advice}"):
        NDArray([1.0], device=device)


def default_with(**environment: str) -> Any:
    program = "import needle; print(needle.default_device(), needle.Tensor([1.0]).device, needle.BACKEND)"
    path = os.pathsep.join([str(REFERENCE), *sys.path])
    plain = {key: value for key, value in os.environ.items() if not key.startswith("NEEDLE_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=plain | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_environment_names_the_backend_and_the_default_device() -> None:
    first = "cpu()" if nd.cpu().enabled() else "cpu_numpy()"
    assert default_with().stdout.split() == [first, first, "nd"]
    for device in {one.name for one in HERE}:
        assert default_with(NEEDLE_DEVICE=device).stdout.split() == [f"{device}()", f"{device}()", "nd"]
    assert default_with(NEEDLE_BACKEND="np").stdout.split() == ["needle.cpu()", "needle.cpu()", "np"]


def test_an_environment_that_names_none_is_refused() -> None:
    said = default_with(NEEDLE_DEVICE="gpu").stderr
    assert "DeviceError: NEEDLE_DEVICE: found 'gpu'. Expected one that is here: " in said
    assert (
        "RuntimeError: NEEDLE_BACKEND: found 'torch'. Expected 'nd' or 'np'."
        in default_with(NEEDLE_BACKEND="torch").stderr
    )
