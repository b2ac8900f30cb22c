"""The kernels of a backend, in NumPy: slow to call, but short, and there before anything is compiled.

It has the functions of the compiled backends, with their arguments: shapes and strides in elements.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

__device_name__ = "cpu_numpy"
__tile_size__ = 1

_ITEM = 4  # bytes of a float32


class Array:
    """Memory for `size` numbers, not initialized."""

    def __init__(self, size: int) -> None:
        self.array = np.empty(size, dtype=np.float32)

    @property
    def size(self) -> int:
        return self.array.size

    def ptr(self) -> int:
        return self.array.ctypes.data


def _view(a: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    """Return a view of an array's memory. Raises: IndexError when it reaches out of it."""
    if len(shape) != len(strides):
        raise ValueError(f"view: {len(shape)} axes and {len(strides)} strides. Expected as many. Name all.")
    if 0 in shape:
        return np.empty(shape, dtype=np.float32)
    reach = [(length - 1) * step for length, step in zip(shape, strides, strict=True)]
    first, last = offset + sum(min(one, 0) for one in reach), offset + sum(max(one, 0) for one in reach)
    if first < 0 or last >= a.size:
        raise IndexError(
            f"view: it reaches from element {first} to {last} of an array of {a.size} elements. "
            "Expected it inside. Check shape, strides and offset."
        )
    steps = [step * _ITEM if length > 1 else 0 for length, step in zip(shape, strides, strict=True)]
    return as_strided(a.array[offset:], shape, steps)


def _require_size(name: str, found: int, expected: int) -> None:
    """Raises: ValueError unless sizes are the same; NumPy itself would repeat a single element."""
    if found != expected:
        raise ValueError(f"{name} holds {found} elements. Expected {expected}. Make it of that size.")


def to_numpy(a: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    return _view(a, shape, strides, offset).copy(order="C")


def from_numpy(a: np.ndarray, out: Array) -> None:
    _require_size("a", a.size, out.size)
    out.array[:] = a.reshape(-1)


def to_dlpack(a: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> Any:
    return _view(a, shape, strides, offset).__dlpack__()


def from_dlpack(capsule: Any) -> tuple[Array, tuple[int, ...], tuple[int, ...], int]:
    """Return a compact copy: an array of NumPy may have gaps, and an Array here has none.

    Raises: TypeError unless it is of float32.
    """
    taken = np.from_dlpack(_Capsule(capsule))
    if taken.dtype != np.float32:
        raise TypeError("from_dlpack: the array is not of float32. Expected float32. Convert it first.")
    out = Array(taken.size)
    from_numpy(taken, out)
    compact = np.empty(taken.shape, dtype=np.float32)
    return out, taken.shape, tuple(step // _ITEM for step in compact.strides), 0


class _Capsule:
    """What np.from_dlpack takes: an object that hands out the capsule."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **asked: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def fill(out: Array, val: float) -> None:
    out.array.fill(val)


def compact(a: Array, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> None:
    view = _view(a, shape, strides, offset)
    _require_size("out", out.size, view.size)
    out.array[:] = view.reshape(-1)


def ewise_setitem(a: Array, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> None:
    view = _view(out, shape, strides, offset)
    _require_size("a", a.size, view.size)
    view[...] = a.array.reshape(shape)


def scalar_setitem(
    size: int, val: float, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int
) -> None:
    view = _view(out, shape, strides, offset)
    _require_size("the view", view.size, size)
    view[...] = val


def _binary(function: Callable[..., np.ndarray]) -> Callable[[Array, Array, Array], None]:
    def kernel(a: Array, b: Array, out: Array) -> None:
        _require_size("a", a.size, out.size)
        _require_size("b", b.size, out.size)
        with np.errstate(all="ignore"):  # as the compiled kernels do
            out.array[:] = function(a.array, b.array)

    return kernel


def _with_scalar(function: Callable[..., np.ndarray]) -> Callable[[Array, float, Array], None]:
    def kernel(a: Array, val: float, out: Array) -> None:
        _require_size("a", a.size, out.size)
        with np.errstate(all="ignore"):
            out.array[:] = function(a.array, np.float32(val))

    return kernel


def _unary(function: Callable[..., np.ndarray]) -> Callable[[Array, Array], None]:
    def kernel(a: Array, out: Array) -> None:
        _require_size("a", a.size, out.size)
        with np.errstate(all="ignore"):
            out.array[:] = function(a.array)

    return kernel


ewise_add, scalar_add = _binary(np.add), _with_scalar(np.add)
ewise_mul, scalar_mul = _binary(np.multiply), _with_scalar(np.multiply)
ewise_div, scalar_div = _binary(np.divide), _with_scalar(np.divide)
ewise_power, scalar_power = _binary(np.power), _with_scalar(np.power)
ewise_maximum, scalar_maximum = _binary(np.maximum), _with_scalar(np.maximum)
ewise_eq, scalar_eq = _binary(np.equal), _with_scalar(np.equal)
ewise_ge, scalar_ge = _binary(np.greater_equal), _with_scalar(np.greater_equal)
ewise_log, ewise_exp, ewise_tanh = _unary(np.log), _unary(np.exp), _unary(np.tanh)


def matmul(a: Array, b: Array, out: Array, m: int, n: int, p: int) -> None:
    for name, array, size in (("a", a, m * n), ("b", b, n * p), ("out", out, m * p)):
        _require_size(name, array.size, size)
    out.array[:] = (a.array.reshape(m, n) @ b.array.reshape(n, p)).reshape(-1)


def reduce_max(a: Array, out: Array, reduce_size: int) -> None:
    _require_size("a", a.size, out.size * reduce_size)
    out.array[:] = a.array.reshape(out.size, reduce_size).max(axis=1)


def reduce_sum(a: Array, out: Array, reduce_size: int) -> None:
    _require_size("a", a.size, out.size * reduce_size)
    out.array[:] = a.array.reshape(out.size, reduce_size).sum(axis=1)
