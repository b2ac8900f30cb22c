"""The device of the NumPy backend: an array of needle is a NumPy array."""

from collections.abc import Sequence
from typing import Any

import numpy as np


class Device:
    """A place where arrays live and are computed on."""


class CPUDevice(Device):
    """This machine's processor, through NumPy. All random draws come from NumPy's global generator."""

    def __repr__(self) -> str:
        return "needle.cpu()"

    def __hash__(self) -> int:
        return hash(type(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CPUDevice)

    def enabled(self) -> bool:
        return True

    def array(self, data: Any, dtype: Any = None) -> np.ndarray:
        """Return a copy of an array-like; without a dtype NumPy chooses it."""
        return np.array(data, dtype=dtype)

    def zeros(self, *shape: int, dtype: Any = "float32") -> np.ndarray:
        return np.zeros(shape, dtype=dtype)

    def ones(self, *shape: int, dtype: Any = "float32") -> np.ndarray:
        return np.ones(shape, dtype=dtype)

    def randn(self, *shape: int) -> np.ndarray:
        """Draw from the standard normal distribution. Returns float64, also for the shape ()."""
        return np.asarray(np.random.randn(*shape))

    def rand(self, *shape: int) -> np.ndarray:
        """Draw uniformly from [0, 1). Returns float64, also for the shape ()."""
        return np.asarray(np.random.rand(*shape))

    def one_hot(self, n: int, i: Any, dtype: Any = "float32") -> np.ndarray:
        """Return rows of the n x n identity, one for each index.

        Shapes: i (*S), whole numbers below n -> (*S, n).
        """
        return np.eye(n, dtype=dtype)[i]

    def empty(self, shape: Sequence[int], dtype: Any = "float32") -> np.ndarray:
        return np.empty(shape, dtype=dtype)

    def full(self, shape: Sequence[int], fill_value: float, dtype: Any = "float32") -> np.ndarray:
        return np.full(shape, fill_value, dtype=dtype)


def cpu() -> CPUDevice:
    return CPUDevice()


def default_device() -> CPUDevice:
    return cpu()


def all_devices() -> list[CPUDevice]:
    return [cpu()]
