"""Arrays turned round, and arrays with a margin: what convolutions need of them."""

from collections.abc import Sequence

from needle.backend_ndarray.ndarray import NDArray
from needle.errors import ShapeError as ShapeError  # which is a ValueError


def flip(a: NDArray, axes: int | Sequence[int]) -> NDArray:
    """Return a view that goes through some axes from the end.

    Nothing is copied. Negative axes count from the end.
    Shapes: (n, m) -> (n, m); for axes=(1,) element (i, j) is a's (i, m - 1 - j).
    Raises: ShapeError (a ValueError) for an axis that there is not.
    """
    chosen = (axes,) if isinstance(axes, int) else axes
    if not all(-a.ndim <= axis < a.ndim for axis in chosen):
        raise ShapeError(f"flip: axes {axes} of {a.ndim}. Expected axes that there are. Count from 0.")
    backwards = {axis % a.ndim for axis in chosen}
    return a[tuple(slice(None, None, -1 if axis in backwards else 1) for axis in range(a.ndim))]


def pad(a: NDArray, axes: Sequence[tuple[int, int]]) -> NDArray:
    """Return a compact copy with zeros around it.

    `axes` says for each axis how many come before, and how many after.
    Shapes: (n, m) -> (l + n + r, m) for axes=((l, r), (0, 0)).
    Raises: ShapeError (a ValueError) unless `axes` has two numbers, 0 or more, for each axis.
    """
    if len(axes) != a.ndim or min((width for pair in axes for width in pair), default=0) < 0:
        raise ShapeError(
            f"pad: {axes} for an array with {a.ndim} axes. Expected two numbers, 0 or more, for each axis. "
            "Name (0, 0) for an axis that stays."
        )
    shape = tuple(left + length + right for length, (left, right) in zip(a.shape, axes, strict=True))
    out = NDArray.make(shape, device=a.device)
    out.fill(0.0)
    inside = [slice(left, left + length) for length, (left, _) in zip(a.shape, axes, strict=True)]
    out[tuple(inside)] = a
    return out


NDArray.flip = flip
NDArray.pad = pad
