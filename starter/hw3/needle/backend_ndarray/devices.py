"""The devices on which an NDArray can lie, each with a module of kernels."""

import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from needle.backend_numpy import Device
from needle.errors import DeviceError, DTypeError

_MODULES = {
    "cpu": "ndarray_backend_cpu",
    "cuda": "ndarray_backend_cuda",
    "cuda_sim": "ndarray_backend_cuda_sim",
    "cpu_numpy": "needle.backend_ndarray.ndarray_backend_numpy",
}
_HELD = "biuf"  # kinds of numbers that float32 stands for: also booleans and whole numbers


class BackendDevice(Device):
    """A place where arrays lie, and the module whose functions compute on them.

    The module's functions are the device's attributes. `fast` holds kernels that read views where they lie,
    where the module has such, and else is None. A device without a module is not enabled.
    """

    fast: Any = None
    __tile_size__: int = 0

    def __init__(self, name: str, mod: ModuleType | None) -> None:
        self.name = name
        self.mod = mod
        if mod is not None:
            self.__dict__ |= {key: value for key, value in vars(mod).items() if key not in _OF_A_MODULE}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BackendDevice) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{self.name}()"

    def __getattr__(self, name: str) -> Any:  # asked only for what is not there
        if self.mod is None and not name.startswith("__"):
            raise DeviceError(
                f"{self!r}: the module {_MODULES[self.name]} can't be imported. Expected it built. "
                f"{_advice(self.name)}"
            )
        raise AttributeError(f"{self!r} has no {name}.")

    def enabled(self) -> bool:
        return self.mod is not None

    def array(self, data: Any, dtype: Any = None) -> Any:
        """Return a copy of an array-like on this device."""
        from needle.backend_ndarray.ndarray import NDArray  # the array knows its device, and not the reverse

        require_float32(dtype)
        if isinstance(data, NDArray) and data.device == self:
            return data.copy()
        return NDArray(data, device=self)

    def rand(self, *shape: int, dtype: Any = "float32") -> Any:
        """Draw uniformly from [0, 1)."""
        return self.array(np.random.rand(*shape), dtype)

    def randn(self, *shape: int, dtype: Any = "float32") -> Any:
        """Draw from the standard normal distribution."""
        return self.array(np.random.randn(*shape), dtype)

    def one_hot(self, n: int, i: Any, dtype: Any = "float32") -> Any:
        """Return rows of the n x n identity, one for each index.

        Shapes: i (*S), whole numbers below n -> (*S, n).
        """
        return self.array(np.eye(n, dtype="float32")[np.asarray(i)], dtype)

    def empty(self, shape: Sequence[int], dtype: Any = "float32") -> Any:
        from needle.backend_ndarray.ndarray import NDArray

        require_float32(dtype)
        return NDArray.make(tuple(shape), device=self)

    def full(self, shape: Sequence[int], fill_value: float, dtype: Any = "float32") -> Any:
        array = self.empty(shape, dtype)
        array.fill(fill_value)
        return array

    def zeros(self, *shape: int, dtype: Any = "float32") -> Any:
        return self.full(shape, 0.0, dtype)

    def ones(self, *shape: int, dtype: Any = "float32") -> Any:
        return self.full(shape, 1.0, dtype)


_OF_A_MODULE = {*vars(ModuleType("")), "__file__", "__builtins__", "__cached__"}


def require_float32(dtype: Any) -> None:
    """Raises: DTypeError for a dtype whose numbers float32 can't stand for."""
    if dtype is None or dtype == "float32":
        return
    found = np.dtype(dtype)
    if found.kind not in _HELD:
        raise DTypeError(
            f"NDArray: found dtype {found}. Expected numbers or booleans. Convert the data first."
        )
    if found.kind == "f" and found.itemsize > 4:
        raise DTypeError(
            f"NDArray: found dtype {found}. Expected float32, which is all that it holds. Name no dtype, or "
            "compute with NumPy's arrays: NEEDLE_BACKEND=np."
        )


def _advice(name: str) -> str:
    if name == "cuda":
        return "It needs an NVIDIA GPU and the CUDA toolkit; cuda_sim() runs the same kernels without."
    return "Run `make build`, and read what it says."


def _module(name: str) -> ModuleType | None:
    try:
        module = import_module(name)
    except ImportError:
        return None
    return module if getattr(module, "__devices__", 1) else None  # built for a GPU that is not here


@cache
def _device(name: str) -> BackendDevice:
    return BackendDevice(name, _module(_MODULES[name]))


def cpu() -> BackendDevice:
    """Return this machine's processor, with kernels in C++."""
    return _device("cpu")


def cuda() -> BackendDevice:
    """Return an NVIDIA GPU."""
    return _device("cuda")


def cuda_sim() -> BackendDevice:
    """Return a simulated GPU, which runs the CUDA kernels on this machine's processor, slowly and checked."""
    return _device("cuda_sim")


def cpu_numpy() -> BackendDevice:
    """Return this machine's processor, with NumPy in the place of kernels."""
    return _device("cpu_numpy")


def all_devices() -> list[BackendDevice]:
    return [cpu(), cuda(), cuda_sim(), cpu_numpy()]


@cache
def default_device() -> BackendDevice:
    """Return the device that NEEDLE_DEVICE names; by default cpu(), or cpu_numpy() where that is not built.

    Raises: DeviceError for a name of none, or of one that is not here.
    """
    name = os.environ.get("NEEDLE_DEVICE")
    if name is None:
        return cpu() if cpu().enabled() else cpu_numpy()
    if name not in _MODULES or not _device(name).enabled():
        known = ", ".join(one.name for one in all_devices() if one.enabled())
        raise DeviceError(f"NEEDLE_DEVICE: found {name!r}. Expected one that is here: {known}. Set it so.")
    return _device(name)
