"""The one place that says which arrays needle computes with: NEEDLE_BACKEND=np means NumPy's."""

import os

import numpy as array_api
from numpy import ndarray as NDArray  # noqa: N812 - the same name whatever the backend

from needle.backend_numpy import CPUDevice, Device, all_devices, cpu, default_device

__all__ = ["BACKEND", "CPUDevice", "Device", "NDArray", "all_devices", "array_api", "cpu", "default_device"]

BACKEND = os.environ.get("NEEDLE_BACKEND", "np")

if BACKEND != "np":
    raise RuntimeError(f"NEEDLE_BACKEND: found {BACKEND!r}. Expected 'np'. Unset it, or set it so.")
