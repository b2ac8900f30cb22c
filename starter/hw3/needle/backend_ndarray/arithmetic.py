"""Give NDArray its operators: arithmetic, comparisons and functions, element by element.

Two arrays broadcast as NumPy's do. A comparison gives 1 where it holds, and 0 elsewhere.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from needle.backend_ndarray.ndarray import (
    NDArray,
    broadcast_shape,
    require_same_device,
)
from needle.errors import DTypeError

Method = Callable[[NDArray, Any], NDArray]


def ewise_or_scalar(self: NDArray, other: Any, ewise: str, scalar: str) -> NDArray:
    """Return what a kernel makes of this array and another, or of this array and a number.

    `ewise` and `scalar` name the device's kernels for the two cases.
    Raises: ShapeError or DeviceError when the arrays don't go together; DTypeError for anything else.
    """
    if not isinstance(other, NDArray):
        other = _operand(self, other, scalar)
    if isinstance(other, NDArray):
        return _ewise(self, other, ewise)
    device, number = self._device, other
    if device.fast is not None:
        handle = getattr(device.fast, scalar)(self._handle, self._shape, self._strides, self._offset, number)
        return NDArray.made(self._shape, device, handle)
    out = NDArray.make(self._shape, device=device)
    getattr(device, scalar)(self.compact()._handle, number, out._handle)
    return out


def _operand(a: NDArray, other: Any, where: str) -> NDArray | float:
    """Return what stands beside an array as an array on its device, or as a number. Raises: DTypeError."""
    if isinstance(other, np.ndarray) and other.ndim:
        return NDArray(other, device=a._device)
    if not hasattr(other, "__float__"):
        raise DTypeError(
            f"{where}: found {type(other).__name__}. Expected a number or an NDArray. Make one: NDArray(x)."
        )
    return float(other)


def _ewise(a: NDArray, b: NDArray, name: str) -> NDArray:
    device, shape = a._device, a._shape
    if device is not b._device:
        require_same_device(name, a, b)
    if shape != b._shape:
        shape = broadcast_shape(name, shape, b._shape)
        a = a if a._shape == shape else a.broadcast_to(shape)
        b = b if b._shape == shape else b.broadcast_to(shape)
    if device.fast is not None:
        kernel = getattr(device.fast, name)
        handle = kernel(a._handle, a._strides, a._offset, b._handle, b._strides, b._offset, shape)
        return NDArray.made(shape, device, handle)
    out = NDArray.make(shape, device=device)
    getattr(device, name)(a.compact()._handle, b.compact()._handle, out._handle)
    return out


def _method(name: str) -> Method:
    """Return the method that calls a device's kernels of this name."""
    ewise, scalar = f"ewise_{name}", f"scalar_{name}"

    def method(self: NDArray, other: Any) -> NDArray:
        return ewise_or_scalar(self, other, ewise, scalar)

    return method


def _either(name: str, composed: Method) -> Method:
    """Return the method that calls a fast kernel of this name, and does with taught ones without it."""
    quick = _method(name)

    def method(self: NDArray, other: Any) -> NDArray:
        if self._device.fast is not None:
            return quick(self, other)
        if not isinstance(other, NDArray):  # -other of NumPy's unsigned numbers would wrap around
            other = _operand(self, other, f"scalar_{name}")
        return composed(self, other)

    return method


def _from_the_right(name: str, method: Method, composed: Method) -> Method:
    """Return the method for other (method) self; a number has a fast kernel of this name, without arrays."""
    kernel = f"scalar_r{name}"

    def reversed_method(self: NDArray, other: Any) -> NDArray:
        if isinstance(other, np.ndarray) and other.ndim:
            return method(NDArray(other, device=self._device), self)
        if self._device.fast is None:
            return composed(self, other)
        return ewise_or_scalar(self, other, kernel, kernel)

    return reversed_method


def _function(name: str) -> Callable[[NDArray], NDArray]:
    kernel = f"ewise_{name}"

    def method(self: NDArray) -> NDArray:
        device = self._device
        if device.fast is not None:
            handle = getattr(device.fast, name)(self._handle, self._shape, self._strides, self._offset)
            return NDArray.made(self._shape, device, handle)
        out = NDArray.make(self._shape, device=device)
        getattr(device, kernel)(self.compact()._handle, out._handle)
        return out

    return method


_add, _multiply, _divide, _power = (_method(name) for name in ("add", "mul", "div", "power"))
_equal, _at_least, _maximum = (_method(name) for name in ("eq", "ge", "maximum"))
_quick_negate, _quick_sqrt = _function("negate"), _function("sqrt")


def _negate(self: NDArray) -> NDArray:
    return _multiply(self, -1.0) if self._device.fast is None else _quick_negate(self)


def sqrt(self: NDArray) -> NDArray:
    return _power(self, 0.5) if self._device.fast is None else _quick_sqrt(self)


def _raise_to(self: NDArray, number: Any) -> NDArray:
    base = NDArray.make((), device=self._device)
    base.fill(number)
    return _power(base, self)


_subtract = _either("sub", lambda a, b: _add(a, -b))
_at_most = _either("le", lambda a, b: _at_least(_negate(a), -b))
_unequal = _either("ne", lambda a, b: _add(_negate(_equal(a, b)), 1.0))
# a NaN is neither more nor less than anything: what is not at least b need not be less
_more = _either("gt", lambda a, b: _multiply(_at_least(a, b), _unequal(a, b)))
_less = _either("lt", lambda a, b: _multiply(_at_most(a, b), _unequal(a, b)))

NDArray.ewise_or_scalar = ewise_or_scalar
NDArray.__add__ = NDArray.__radd__ = _add
NDArray.__sub__ = _subtract
NDArray.__rsub__ = _from_the_right("sub", _subtract, lambda a, number: _add(_negate(a), number))
NDArray.__mul__ = NDArray.__rmul__ = _multiply
NDArray.__truediv__ = _divide
NDArray.__rtruediv__ = _from_the_right("div", _divide, lambda a, number: _multiply(_power(a, -1.0), number))
NDArray.__pow__ = _power
NDArray.__rpow__ = _from_the_right("power", _power, _raise_to)
NDArray.__neg__ = _negate
NDArray.maximum = _maximum
NDArray.__eq__, NDArray.__ne__ = _equal, _unequal
NDArray.__ge__, NDArray.__le__ = _at_least, _at_most
NDArray.__gt__, NDArray.__lt__ = _more, _less
NDArray.log, NDArray.exp, NDArray.tanh = (_function(name) for name in ("log", "exp", "tanh"))
