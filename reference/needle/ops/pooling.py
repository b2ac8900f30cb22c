"""The largest element, or the mean, of each window of images, channel by channel."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from needle.autograd import Tensor
from needle.ops.padding import pad
from needle.ops.selection import get_item, maximum_over
from needle.ops.shapes import refuse
from needle.ops.shaping import stack


def max_pool(a: Tensor, size: int, stride: int = 1, padding: int = 0) -> Tensor:
    """Return the largest element of each window; the padding counts as less than any number.

    Where several are largest, they share the gradient equally.
    Shapes: a (N, H, W, C) -> (N, (H + 2 * padding - size) // stride + 1, (W + ...) // stride + 1, C).
    """
    _require_windows("max_pool", a, size, stride, padding)
    padded = _framed(a, padding)
    if padding:
        frame = np.full(padded.shape, -np.inf)
        frame[:, padding:-padding, padding:-padding] = 0
        padded = padded + Tensor(frame, device=a.device, dtype=a.dtype, requires_grad=False)
    return maximum_over(stack([*_met(padded, size, stride)], 0), 0)


def average_pool(a: Tensor, size: int, stride: int = 1, padding: int = 0) -> Tensor:
    """Return the mean of each window; the padding counts as zeros.

    Shapes: as max_pool.
    """
    _require_windows("average_pool", a, size, stride, padding)
    first, *others = _met(_framed(a, padding), size, stride)
    return sum(others, start=first) / size**2


def _framed(a: Tensor, padding: int) -> Tensor:
    return pad(a, ((0, 0), (padding, padding), (padding, padding), (0, 0))) if padding else a


def _met(a: Tensor, size: int, stride: int) -> Iterator[Tensor]:
    """Yield, for each place in a window, what lies there in all windows.

    Shapes: (N, R, S, C) each.
    """
    rows, columns = ((side - size) // stride * stride + 1 for side in a.shape[1:3])
    for i, j in product(range(size), repeat=2):
        yield get_item(a, np.s_[:, i : i + rows : stride, j : j + columns : stride])


def _require_windows(op: str, a: Tensor, size: int, stride: int, padding: int) -> None:
    if len(a.shape) != 4:
        refuse(op, f"a is {a.shape}", "images (N, H, W, C)", "Reshape them")
    if min(size, stride) < 1 or not 0 <= 2 * padding <= size:
        found, expected = (
            f"size {size}, stride {stride}, padding {padding}",
            "at most half a window of padding",
        )
        refuse(op, found, expected, "Sizes and strides are 1 or more")
    if min(a.shape[1:3]) + 2 * padding < size:
        found = f"a is {a.shape}, a window {size} x {size}, the padding {padding}"
        refuse(op, found, "windows no larger than the padded images", "Take smaller windows")
