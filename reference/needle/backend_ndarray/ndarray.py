"""An n-dimensional array as a view: which elements of a flat memory it shows, and in which order.

Element (i, j, ...) lies at place offset + i * strides[0] + j * strides[1] + ... of the memory. So an array
can be reshaped, permuted, repeated and sliced by new numbers alone, with no element moved.
"""

import math
import operator
from functools import lru_cache
from typing import Any

import numpy as np

from needle.backend_ndarray.devices import BackendDevice, default_device, require_float32
from needle.errors import DeviceError, ShapeError

Shape = tuple[int, ...]


class NDArray:
    """A view of float32 memory on a device.

    `other` is an NDArray, an array of NumPy or an array-like. Its elements are copied, unless it is an
    NDArray that lies on the device already.
    """

    __slots__ = ("__weakref__", "_device", "_handle", "_offset", "_shape", "_strides")
    __array_ufunc__ = None  # else np.float32(2) * array would be an array of arrays, made by NumPy

    _shape: Shape
    _strides: Shape  # in elements; 0 repeats an element, and a negative one goes back
    _offset: int
    _device: BackendDevice
    _handle: Any  # the memory, as the device's module holds it

    def __init__(self, other: Any, device: BackendDevice | None = None) -> None:
        if isinstance(other, NDArray):
            moved = other.to(device or other.device)
            self._init(moved._shape, moved._strides, moved._offset, moved._device, moved._handle)
            return
        device = device or default_device()
        elements = np.asarray(other)
        if elements.dtype != "float64":  # which NumPy makes of any list of numbers
            require_float32(elements.dtype)
        elements = np.ascontiguousarray(elements, dtype="float32").reshape(elements.shape)
        handle = device.Array(elements.size)
        device.from_numpy(elements, handle)
        self._init(elements.shape, NDArray.compact_strides(elements.shape), 0, device, handle)

    def _init(self, shape: Shape, strides: Shape, offset: int, device: BackendDevice, handle: Any) -> None:
        self._shape = shape
        self._strides = strides
        self._offset = offset
        self._device = device
        self._handle = handle

    @staticmethod
    def compact_strides(shape: Shape) -> Shape:
        """Return the strides of an array that is row-major, with no gaps."""
        return _compact_strides(tuple(shape))

    @staticmethod
    def make(
        shape: Shape,
        strides: Shape | None = None,
        device: BackendDevice | None = None,
        handle: Any = None,
        offset: int = 0,
    ) -> "NDArray":
        """Return a view of a handle; without a handle, one of new memory, not initialized."""
        array, device, shape = _new(NDArray), device or default_device(), tuple(shape)
        strides = NDArray.compact_strides(shape) if strides is None else tuple(strides)
        handle = device.Array(_count(shape)) if handle is None else handle
        array._init(shape, strides, offset, device, handle)
        return array

    @staticmethod
    def made(shape: Shape, device: BackendDevice, handle: Any) -> "NDArray":
        """Return what a fast kernel made: a compact array. As `make`, in a third of its time."""
        array = _new(NDArray)
        array._shape = shape
        array._strides = _compact_strides(shape)
        array._offset = 0
        array._device = device
        array._handle = handle
        return array

    @property
    def shape(self) -> Shape:
        return self._shape

    @property
    def strides(self) -> Shape:
        return self._strides

    @property
    def device(self) -> BackendDevice:
        return self._device

    @property
    def dtype(self) -> str:
        return "float32"

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def size(self) -> int:
        return math.prod(self._shape)

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("len: the array has no axes. Expected one at least. Call item() for its number.")
        return self._shape[0]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __repr__(self) -> str:
        return f"NDArray({self.numpy()}, device={self._device})"

    def __str__(self) -> str:
        return str(self.numpy())

    def fill(self, value: float) -> None:
        """Set every element to a number."""
        if self.is_compact():
            self._device.fill(self._handle, float(value))
        else:
            self[...] = value

    def to(self, device: BackendDevice) -> "NDArray":
        """Return the array on a device: itself if it lies there, else a copy."""
        return self if device == self._device else NDArray(self.numpy(), device=device)

    def numpy(self) -> np.ndarray:
        """Return the elements as an array of NumPy, a copy."""
        return self._device.to_numpy(self._handle, self._shape, self._strides, self._offset)

    def item(self) -> float:
        """Return the only element as a number. Raises: ShapeError (a ValueError) where there are others."""
        if self.size != 1:
            raise ShapeError(
                f"NDArray: a number, or truth, is asked of the shape {self._shape}. Expected one element. "
                "Take one first, or sum() or max() of them."
            )
        return self.numpy().item()

    def is_compact(self) -> bool:
        """Say whether the array shows the whole of its memory, row by row."""
        return (
            self._offset == 0
            and self._strides == NDArray.compact_strides(self._shape)
            and self.size == self._handle.size
        )

    def compact(self) -> "NDArray":
        """Return the array itself if it is compact, else a copy that is."""
        return self if self.is_compact() else self.copy()

    def copy(self) -> "NDArray":
        """Return a compact array of the same elements, in memory of its own."""
        device = self._device
        if device.fast is not None:
            handle = device.fast.compact(self._handle, self._shape, self._strides, self._offset)
            return NDArray.made(self._shape, device, handle)
        out = NDArray.make(self._shape, device=device)
        device.compact(self._handle, out._handle, self._shape, self._strides, self._offset)
        return out

    def as_strided(self, shape: Shape, strides: Shape) -> "NDArray":
        """Return another view of the same memory, from the same element on."""
        if len(shape) != len(strides):
            raise ShapeError(
                f"as_strided: {len(shape)} axes and {len(strides)} strides. Expected as many. Name all."
            )
        return NDArray.make(shape, strides, self._device, self._handle, self._offset)

    @property
    def flat(self) -> "NDArray":
        """The elements in a row: a view of the same memory, of a compact array."""
        return self.reshape((self.size,))

    def reshape(self, new_shape: Shape) -> "NDArray":
        """Return a view that shows the elements, in their row-major order, in another shape.

        Nothing is copied: the array has to be compact.
        Raises: ShapeError (a ValueError) when the array is not compact, or when the shape holds more or
        fewer elements, or has a negative length.
        """
        if not self.is_compact():
            raise ShapeError(
                "reshape: the array is not compact. Expected one that is. Call compact() on it first."
            )
        if math.prod(new_shape) != self.size or min(new_shape, default=0) < 0:
            raise ShapeError(
                f"reshape: {self._shape} can't become {new_shape}. Expected as many elements as before. "
                "Work the sizes out: -1 is not known here."
            )
        return self.as_strided(new_shape, NDArray.compact_strides(new_shape))

    def permute(self, new_axes: Shape) -> "NDArray":
        """Return a view whose axis i is axis new_axes[i] of this array. Nothing is copied.

        Shapes: (n, k, m) -> (m, n, k) for new_axes=(2, 0, 1).
        Raises: ShapeError (a ValueError) unless new_axes names every axis once.
        """
        if sorted(new_axes) != list(range(self.ndim)):
            raise ShapeError(
                f"permute: axes {new_axes} of {self.ndim}. Expected every axis once, counted from 0. "
                "Name them all."
            )
        shape = tuple(self._shape[axis] for axis in new_axes)
        return self.as_strided(shape, tuple(self._strides[axis] for axis in new_axes))

    def broadcast_to(self, new_shape: Shape) -> "NDArray":
        """Return a view that repeats the array along its axes of length 1, and along new leading axes.

        Nothing is copied: the stride along a repeated axis is 0.
        Raises: ShapeError (a ValueError) unless each axis, aligned from the right, is 1 or as long as the
        new one.
        """
        added = len(new_shape) - self.ndim
        old = (1,) * added + self._shape
        if added < 0 or any(one not in (1, new) for one, new in zip(old, new_shape, strict=True)):
            raise ShapeError(
                f"broadcast_to: {self._shape} can't become {new_shape}. Expected each axis, aligned from the "
                "right, to be 1 or as long as the new one. Reshape first."
            )
        steps = (0,) * added + self._strides
        strides = [step if one == new else 0 for step, one, new in zip(steps, old, new_shape, strict=True)]
        return self.as_strided(new_shape, tuple(strides))

    def process_slice(self, sl: slice, dim: int) -> slice:
        """Return a slice along an axis with all three numbers, as range() takes them: stop may be -1.

        One that shows nothing begins at 0, where Python's may begin at -1; one that shows a single element
        has step 1, where Python's may be any.
        """
        start, stop, step = sl.indices(self._shape[dim])
        count = len(range(start, stop, step))
        return slice(start, stop, step) if count > 1 else slice(start * count, (start + 1) * count, 1)

    def _slices(self, idxs: Any) -> tuple[slice, ...]:
        """Return an index as one full slice for each axis. A whole number i is the slice that shows i alone.

        Raises: IndexError for more axes than there are, or an element that there is not.
        """
        named, ndim = idxs if isinstance(idxs, tuple) else (idxs,), len(self._shape)
        for at, one in enumerate(named):
            if one is Ellipsis:
                named = (*named[:at], *(slice(None),) * (ndim + 1 - len(named)), *named[at + 1 :])
                break
        if len(named) > ndim:
            raise IndexError(f"index: {len(named)} axes of an array with {ndim}. Expected no more.")
        if len(named) < ndim:
            named += (slice(None),) * (ndim - len(named))
        return tuple([self._slice(one, axis) for axis, one in enumerate(named)])

    def _slice(self, one: Any, axis: int) -> slice:
        if isinstance(one, slice):
            return self.process_slice(one, axis)
        length, at = self._shape[axis], operator.index(one)
        if not -length <= at < length:
            raise IndexError(
                f"index: {at} along axis {axis}, which is {length} long. Expected {-length} <= index "
                f"< {length}."
            )
        return slice(at % length, at % length + 1, 1)

    def __getitem__(self, idxs: Any) -> "NDArray":
        """Return a view of some elements: those at start, start + step, ... before stop along each axis.

        A whole number keeps its axis, with length 1. Axes that are not named are taken whole; `...` stands
        for all of them. Steps may be negative; nothing is copied.
        Shapes: (n, m) -> (2, 1) for idxs=(slice(0, 4, 2), 1).
        Raises: IndexError for an element, or for an axis, that there is not.
        """
        shape, strides, offset = [], [], self._offset
        for one, step in zip(self._slices(idxs), self._strides, strict=True):
            shape.append(len(range(one.start, one.stop, one.step)))
            strides.append(step * one.step)
            offset += step * one.start
        return NDArray.make(tuple(shape), tuple(strides), self._device, self._handle, offset)

    def __setitem__(self, idxs: Any, other: Any) -> None:
        """Write a number, or an array that broadcasts to the view's shape, to the elements of a view."""
        view, device = self[idxs], self._device
        if not isinstance(other, NDArray):
            other = np.asarray(other, dtype="float32")
            if other.ndim == 0:
                where = (view._handle, view._shape, view._strides, view._offset)
                return device.scalar_setitem(view.size, other.item(), *where)
            other = NDArray(other, device=device)
        require_same_device("setitem", self, other)
        other = _fitted(other, view._shape)
        if device.fast is not None:
            where = (view._handle, view._strides, view._offset, view._shape)
            return device.fast.assign(other._handle, other._strides, other._offset, *where)
        if other._handle is view._handle:  # an element could be overwritten before it is read
            other = other.copy()
        source = other.compact()._handle
        device.ewise_setitem(source, view._handle, view._shape, view._strides, view._offset)


def _fitted(a: NDArray, shape: Shape) -> NDArray:
    """Return an array as a view that shows: broadcast, or with axes of length 1 elsewhere.

    So a[:, 0] = b is taken with b (n,), though the view keeps its axis and is (n, 1).
    Raises: ShapeError.
    """
    if a._shape == shape:
        return a
    if [length for length in a._shape if length != 1] == [length for length in shape if length != 1]:
        steps = iter([step for length, step in zip(a._shape, a._strides, strict=True) if length != 1])
        return a.as_strided(shape, tuple(0 if length == 1 else next(steps) for length in shape))
    return a.broadcast_to(shape)


_new = object.__new__


@lru_cache(maxsize=4096)
def _compact_strides(shape: Shape) -> Shape:
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def _count(shape: Shape) -> int:
    if min(shape, default=0) < 0:
        raise ShapeError(f"NDArray: found the shape {shape}. Expected no axis below 0. Check the sizes.")
    return math.prod(shape)


def require_same_device(where: str, a: NDArray, b: NDArray) -> None:
    """Raises: DeviceError when two arrays lie on different devices."""
    if a._device is not b._device and a._device != b._device:
        raise DeviceError(
            f"{where}: one array lies on {a._device}, the other on {b._device}. Expected one device. "
            "Move one of them: array.to(device)."
        )


def broadcast_shape(where: str, a: Shape, b: Shape) -> Shape:
    """Return the shape that two shapes broadcast to, by NumPy's rule. Raises: ShapeError."""
    found = _broadcast_shape(a, b)
    if found is None:
        raise ShapeError(
            f"{where}: a is {a}, b is {b}. Expected axes, aligned from the right, that are equal or 1. "
            "Reshape one of them first."
        )
    return found


@lru_cache(maxsize=4096)
def _broadcast_shape(a: Shape, b: Shape) -> Shape | None:
    ndim = max(len(a), len(b))
    pairs = list(zip((1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b, strict=True))
    if any(one != other and 1 not in (one, other) for one, other in pairs):
        return None
    return tuple(other if one == 1 else one for one, other in pairs)
