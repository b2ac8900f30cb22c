"""Tensors of given values, and of random ones.

All draws come from NumPy's global generator, in double precision, so that every device gets the same numbers.
"""

from typing import Any

import numpy as np

from needle.autograd import Tensor
from needle.backend_selection import Device, default_device
from needle.errors import LabelError


def rand(
    *shape: int,
    low: float = 0.0,
    high: float = 1.0,
    device: Device | None = None,
    dtype: str = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Draw uniformly from [low, high)."""
    array = np.random.rand(*shape) * (high - low) + low
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def randn(
    *shape: int,
    mean: float = 0.0,
    std: float = 1.0,
    device: Device | None = None,
    dtype: str = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Draw from the normal distribution with this mean and standard deviation."""
    array = np.random.randn(*shape) * std + mean
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def constant(
    *shape: int,
    c: float = 1.0,
    device: Device | None = None,
    dtype: str = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor full of one number."""
    array = _device(device).full(shape, c, dtype=dtype)
    return Tensor.make_const(array, requires_grad=requires_grad)


def ones(
    *shape: int, device: Device | None = None, dtype: str = "float32", requires_grad: bool = False
) -> Tensor:
    return constant(*shape, c=1.0, device=device, dtype=dtype, requires_grad=requires_grad)


def zeros(
    *shape: int, device: Device | None = None, dtype: str = "float32", requires_grad: bool = False
) -> Tensor:
    return constant(*shape, c=0.0, device=device, dtype=dtype, requires_grad=requires_grad)


def randb(
    *shape: int,
    p: float = 0.5,
    device: Device | None = None,
    dtype: str = "bool",
    requires_grad: bool = False,
) -> Tensor:
    """Draw booleans that are true with probability p."""
    array = np.random.rand(*shape) <= p
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def one_hot(
    n: int,
    i: Any,
    device: Device | None = None,
    dtype: str = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Return, for each index, a row of n numbers: 1 at the index, and 0 elsewhere.

    Shapes: i (*S), a Tensor or an array of whole numbers below n -> (*S, n).
    Raises: LabelError for an index that is none of these.
    """
    indices = np.asarray(i.numpy() if isinstance(i, Tensor) else i)
    _require_labels(indices, n)
    array = _device(device).one_hot(n, indices.astype("int64"), dtype=dtype)
    return Tensor.make_const(array, requires_grad=requires_grad)


def _require_labels(found: np.ndarray, classes: int) -> None:
    wrong = found[~((found >= 0) & (found < classes) & (found == np.floor(found)))]  # NaN is wrong too
    if wrong.size:
        raise LabelError(
            f"one_hot: found the label {wrong[0]:g}. Expected whole numbers from 0 to {classes - 1}, for "
            f"{classes} classes. Number the classes from 0."
        )


def zeros_like(
    array: Tensor, *, device: Device | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return zeros of a tensor's shape and, unless others are named, on its device and of its dtype."""
    return zeros(
        *array.shape,
        device=device or array.device,
        dtype=dtype or array.dtype,
        requires_grad=requires_grad,
    )


def ones_like(
    array: Tensor, *, device: Device | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return ones of a tensor's shape and, unless others are named, on its device and of its dtype."""
    return ones(
        *array.shape,
        device=device or array.device,
        dtype=dtype or array.dtype,
        requires_grad=requires_grad,
    )


def _device(device: Device | None) -> Any:
    return device or default_device()
