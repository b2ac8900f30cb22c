"""Give NDArray its matrix product, of matrices and of stacks of them."""

import numpy as np

from needle.backend_ndarray.ndarray import NDArray, Shape, broadcast_shape, require_same_device
from needle.errors import ShapeError


def matmul(self: NDArray, other: NDArray) -> NDArray:
    """Return the matrix product; of stacks of matrices, that of each pair.

    Shapes: a (*B, n, k), b (*C, k, m) -> (*D, n, m), where B and C broadcast to D.
    Raises: ShapeError or DeviceError when the arrays don't go together.
    """
    if not isinstance(other, NDArray):
        other = NDArray(other, device=self._device)
    require_same_device("matmul", self, other)
    if self.ndim < 2 or other.ndim < 2 or self._shape[-1] != other._shape[-2]:
        raise ShapeError(
            f"matmul: a is {self._shape}, b is {other._shape}. Expected (..., n, k) and (..., k, m), with "
            "one k. Permute or reshape one of them."
        )
    batch = self._shape[:-2]
    if batch != other._shape[:-2]:
        batch = broadcast_shape("matmul", batch, other._shape[:-2])
        self = self.broadcast_to(batch + self._shape[-2:])
        other = other.broadcast_to(batch + other._shape[-2:])
    device = self._device
    if device.fast is None:
        return _stacked(self, other, batch) if batch else _matrices(self, other)
    (m, n), p = self._shape[-2:], other._shape[-1]
    views = (self._handle, self._strides, self._offset, other._handle, other._strides, other._offset)
    handle = device.fast.matmul(*views, batch, m, n, p)
    return NDArray.made((*batch, m, p), device, handle)


def _stacked(a: NDArray, b: NDArray, batch: Shape) -> NDArray:
    """Multiply pair by pair: the kernels know no stacks."""
    out = NDArray.make((*batch, a._shape[-2], b._shape[-1]), device=a._device)
    for at in np.ndindex(batch):
        left = a[at].compact().reshape(a._shape[-2:])
        right = b[at].compact().reshape(b._shape[-2:])
        out[at] = _matrices(left, right)
    return out


def _matrices(a: NDArray, b: NDArray) -> NDArray:
    (m, n), p, tile = a._shape, b._shape[1], a._device.__tile_size__
    if hasattr(a._device, "matmul_tiled") and all(size and size % tile == 0 for size in (m, n, p)):
        out = NDArray.make((m // tile, p // tile, tile, tile), device=a._device)
        a._device.matmul_tiled(_tiled(a, tile)._handle, _tiled(b, tile)._handle, out._handle, m, n, p)
        return out.permute((0, 2, 1, 3)).compact().reshape((m, p))
    out = NDArray.make((m, p), device=a._device)
    a._device.matmul(a.compact()._handle, b.compact()._handle, out._handle, m, n, p)
    return out


def _tiled(a: NDArray, tile: int) -> NDArray:
    """Return a matrix as tiles that are each compact.

    Shapes: (n, m) -> (n / tile, m / tile, tile, tile).
    """
    (n, m), (down, right) = a._shape, a._strides
    view = a.as_strided((n // tile, m // tile, tile, tile), (down * tile, right * tile, down, right))
    return view.compact()


NDArray.__matmul__ = matmul
NDArray.__rmatmul__ = lambda self, other: NDArray(other, device=self._device) @ self  # an array of NumPy
