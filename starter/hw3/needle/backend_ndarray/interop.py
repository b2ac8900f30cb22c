"""Hand arrays to and from other libraries, without a copy where memory allows."""

from typing import Any

import numpy as np

from needle.backend_ndarray.devices import BackendDevice, cpu, cpu_numpy, cuda
from needle.backend_ndarray.ndarray import NDArray
from needle.errors import DeviceError, DTypeError

_HOST, _CUDA = 1, 2  # DLPack's numbers for kinds of devices
_DEFAULT_STREAM = 1  # DLPack's number for it


def _to_numpy(self: NDArray, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    if copy is False:
        raise ValueError(
            "array: copy=False is asked for. Expected a copy to be fine. Use np.from_dlpack for a view."
        )
    return self.numpy().astype(dtype or "float32", copy=False)


def _dlpack(
    self: NDArray,
    *,
    stream: int | None = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[int, int] | None = None,
    copy: bool | None = None,
) -> Any:
    """Return a capsule that shares this array's memory, of DLPack's version 0, which every version allows.

    The kernels that fill the memory have ended then, so that any stream may use it.
    Raises: BufferError when it is asked for on another device than it lies on.
    Source: the Python array API standard, 2023.12.
    """
    if dl_device not in (None, self.__dlpack_device__()):
        raise BufferError(
            f"__dlpack__: the array lies on {self._device}, and is asked for on DLPack's device {dl_device}. "
            "Expected its own. Move it there first: array.to(device)."
        )
    shared = self.copy() if copy else self
    return self._device.to_dlpack(shared._handle, shared._shape, shared._strides, shared._offset)


def _dlpack_device(self: NDArray) -> tuple[int, int]:
    return (_CUDA if self._device.name == "cuda" else _HOST, 0)


def from_dlpack(other: Any) -> NDArray:
    """Return an array that shares the memory of one of another library, which must be of float32.

    Where the compiled kernels are missing, it is a copy.
    Raises: TypeError unless it is such an array; DeviceError for memory where needle has no kernels here.
    """
    if not hasattr(other, "__dlpack_device__"):
        raise DTypeError(
            f"from_dlpack: found {type(other).__name__}. Expected an array that speaks DLPack. Make an array "
            "of it: NDArray(x)."
        )
    kind, _ = other.__dlpack_device__()
    device = _device_for(kind)
    capsule = other.__dlpack__(stream=_DEFAULT_STREAM) if kind == _CUDA else other.__dlpack__()
    handle, shape, strides, offset = device.from_dlpack(capsule)
    return NDArray.make(shape, strides, device, handle, offset)


def _device_for(kind: int) -> BackendDevice:
    device = cuda() if kind == _CUDA else cpu() if cpu().enabled() else cpu_numpy()
    if kind not in (_HOST, _CUDA) or not device.enabled():
        raise DeviceError(
            f"from_dlpack: the memory is on a device of DLPack's kind {kind}. Expected this machine's "
            "processor, or a GPU with the CUDA backend built. Copy it to the host first."
        )
    return device


NDArray.__array__ = _to_numpy
NDArray.__dlpack__ = _dlpack
NDArray.__dlpack_device__ = _dlpack_device
