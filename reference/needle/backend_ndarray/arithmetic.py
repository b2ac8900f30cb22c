"""Give NDArray its operators: arithmetic, comparisons and functions, element by element.

Two arrays broadcast as NumPy's do. A comparison gives 1 where it holds, and 0 elsewhere.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from needle.backend_ndarray.ndarray import NDArray, broadcast_shape, require_same_device


def ewise_or_scalar(self: NDArray, other: Any, ewise: str, scalar: str) -> NDArray:
    """Return what a kernel makes of this array and another, or of this array and a number.

    `ewise` and `scalar` name the device's kernels for the two cases.
    Raises: ShapeError or DeviceError when the arrays don't go together.
    """
    if isinstance(other, NDArray):
        return _ewise(self, other, ewise)
    if isinstance(other, np.ndarray) and other.size > 1:
        return _ewise(self, NDArray(other, device=self._device), ewise)
    device, number = self._device, float(other)
    if device.fast is not None:
        handle = getattr(device.fast, scalar)(self._handle, self._shape, self._strides, self._offset, number)
        return NDArray.make(self._shape, None, device, handle)
    out = NDArray.make(self._shape, device=device)
    getattr(device, scalar)(self.compact()._handle, number, out._handle)
    return out


def _ewise(a: NDArray, b: NDArray, name: str) -> NDArray:
    if a._device is not b._device:
        require_same_device(name, a, b)
    shape = a._shape
    if shape != b._shape:
        shape = broadcast_shape(name, shape, b._shape)
        a, b = _broadcast(a, shape), _broadcast(b, shape)
    device = a._device
    if device.fast is not None:
        kernel = getattr(device.fast, name)
        handle = kernel(a._handle, a._strides, a._offset, b._handle, b._strides, b._offset, shape)
        return NDArray.make(shape, None, device, handle)
    out = NDArray.make(shape, device=device)
    getattr(device, name)(a.compact()._handle, b.compact()._handle, out._handle)
    return out


def _broadcast(a: NDArray, shape: tuple[int, ...]) -> NDArray:
    return a if a._shape == shape else a.broadcast_to(shape)


def _method(name: str) -> Callable[[NDArray, Any], NDArray]:
    ewise, scalar = f"ewise_{name}", f"scalar_{name}"
    return lambda self, other: ewise_or_scalar(self, other, ewise, scalar)


def _function(name: str) -> Callable[[NDArray], NDArray]:
    kernel = f"ewise_{name}"

    def method(self: NDArray) -> NDArray:
        device = self._device
        if device.fast is not None:
            handle = getattr(device.fast, name)(self._handle, self._shape, self._strides, self._offset)
            return NDArray.make(self._shape, None, device, handle)
        out = NDArray.make(self._shape, device=device)
        getattr(device, kernel)(self.compact()._handle, out._handle)
        return out

    return method


_add, _multiply, _divide, _power = (_method(name) for name in ("add", "mul", "div", "power"))
_equal, _at_least, _maximum = (_method(name) for name in ("eq", "ge", "maximum"))


def _negate(self: NDArray) -> NDArray:
    return _multiply(self, -1.0)


def _subtract(self: NDArray, other: Any) -> NDArray:
    return _add(self, -other)


def _subtract_from(self: NDArray, other: Any) -> NDArray:
    return _add(_negate(self), other)


def _divide_into(self: NDArray, other: Any) -> NDArray:
    return _multiply(_power(self, -1.0), other)


def _raise_to(self: NDArray, other: Any) -> NDArray:
    """Return other ** self."""
    base = np.full(self.shape, other, dtype="float32")
    return _power(NDArray(base, device=self._device), self)


def _not(self: NDArray) -> NDArray:
    return _add(_negate(self), 1.0)


NDArray.ewise_or_scalar = ewise_or_scalar
NDArray.__add__ = NDArray.__radd__ = _add
NDArray.__sub__ = _subtract
NDArray.__rsub__ = _subtract_from
NDArray.__mul__ = NDArray.__rmul__ = _multiply
NDArray.__truediv__ = _divide
NDArray.__rtruediv__ = _divide_into
NDArray.__pow__ = _power
NDArray.__rpow__ = _raise_to
NDArray.__neg__ = _negate
NDArray.maximum = _maximum
NDArray.__eq__ = _equal
NDArray.__ne__ = lambda self, other: _not(_equal(self, other))
NDArray.__ge__ = _at_least
NDArray.__lt__ = lambda self, other: _not(_at_least(self, other))
NDArray.__le__ = lambda self, other: _at_least(_negate(self), -other)
NDArray.__gt__ = lambda self, other: _not(_at_least(_negate(self), -other))
NDArray.log, NDArray.exp, NDArray.tanh = (_function(name) for name in ("log", "exp", "tanh"))
