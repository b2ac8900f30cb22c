"""Hand arrays to and from other libraries, without a copy where memory allows."""

from typing import Any

import numpy as np

from needle.backend_ndarray.devices import BackendDevice, cpu, cpu_numpy, cuda
from needle.backend_ndarray.ndarray import NDArray
from needle.errors import DeviceError, DTypeError

_HOST, _CUDA = 1, 2  # DLPack's numbers for kinds of devices


def _to_numpy(self: NDArray, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    if copy is False:
        raise ValueError(
            "array: copy=False is asked for. Expected a copy to be fine. Use np.from_dlpack for a view."
        )
    return self.numpy().astype(dtype or "float32", copy=False)


def _dlpack(self: NDArray, *, stream: Any = None, **asked: Any) -> Any:
    """Return a capsule that shares this array's memory. Source: the Python array API standard, 2023.12."""
    if asked.get("copy"):
        self = NDArray(self.numpy(), device=self._device)
    return self._device.to_dlpack(self._handle, self._shape, self._strides, self._offset)


def _dlpack_device(self: NDArray) -> tuple[int, int]:
    return (_CUDA if self._device.name == "cuda" else _HOST, 0)


def from_dlpack(other: Any) -> NDArray:
    """Return an array that shares the memory of one of another library, which must be of float32.

    Raises: DeviceError for memory on a device that needle has no kernels for here.
    """
    if not hasattr(other, "__dlpack_device__"):
        raise DTypeError(
            f"from_dlpack: found {type(other).__name__}. Expected an array that speaks DLPack. Make an array "
            "of it: NDArray(x)."
        )
    kind, _ = other.__dlpack_device__()
    device = _device_for(kind)
    handle, shape, strides, offset = device.from_dlpack(other.__dlpack__())
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
