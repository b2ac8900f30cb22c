"""Give NDArray its sums and largest elements, over any axes."""

import math
from collections.abc import Sequence
from functools import lru_cache

from needle.backend_ndarray.ndarray import NDArray, Shape
from needle.errors import ShapeError

Axes = int | Sequence[int] | None


@lru_cache(maxsize=4096)
def _chosen(where: str, axis: int | Shape | None, ndim: int) -> Shape:
    """Return axes as a sorted tuple counted from the front. Raises: ShapeError."""
    if axis is None:
        return tuple(range(ndim))
    named = axis if isinstance(axis, tuple) else (axis,)
    if any(not -ndim <= one < ndim for one in named) or len({one % ndim for one in named}) < len(named):
        raise ShapeError(
            f"{where}: axis {axis} of an array with {ndim} axes. Expected some of these, each once. "
            "Count the axes in its shape."
        )
    return tuple(sorted(one % ndim for one in named))


@lru_cache(maxsize=4096)
def _left(shape: Shape, axes: Shape, keepdims: bool) -> Shape:
    """Return the shape of what a reduction leaves."""
    if keepdims:
        return tuple(1 if axis in axes else length for axis, length in enumerate(shape))
    return tuple(length for axis, length in enumerate(shape) if axis not in axes)


def reduce_view_out(self: NDArray, axis: Axes, keepdims: bool = False) -> tuple[NDArray, NDArray]:
    """Return a view whose last axes are those to reduce, and the array for the result, not initialized."""
    axes = _chosen("reduce_view_out", tuple(axis) if isinstance(axis, list) else axis, self.ndim)
    kept = tuple(one for one in range(self.ndim) if one not in axes)
    out = NDArray.make(_left(self._shape, axes, keepdims), device=self._device)
    return self.permute((*kept, *axes)), out


def reduced(self: NDArray, name: str, axis: Axes, keepdims: bool) -> NDArray:
    """Return what the device's kernel of this name makes of the elements along some axes."""
    axes = _chosen(name, tuple(axis) if isinstance(axis, list) else axis, len(self._shape))
    device = self._device
    if name == "reduce_max" and 0 in self._shape and 0 in [self._shape[one] for one in axes]:
        raise ShapeError(
            f"max: the array is {self._shape}. Expected an element at least along axis {axis}. "
            "Leave empty arrays out."
        )
    if device.fast is not None:
        handle = getattr(device.fast, name)(self._handle, self._shape, self._strides, self._offset, axes)
        return NDArray.made(_left(self._shape, axes, keepdims), device, handle)
    view, out = reduce_view_out(self, axes, keepdims)
    size = math.prod(self._shape[one] for one in axes)
    getattr(device, name)(view.compact()._handle, out._handle, size)
    return out


def _method(name: str) -> object:
    def method(self: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
        out = reduced(self, name, axis, keepdims)
        return out if out._shape or axis is not None else NDArray.made((1,), out._device, out._handle)

    return method


NDArray.reduce_view_out = reduce_view_out
NDArray.sum = _method("reduce_sum")
NDArray.max = _method("reduce_max")
