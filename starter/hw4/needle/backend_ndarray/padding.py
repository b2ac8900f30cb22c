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
    raise NotImplementedError("not started: hw4/ndarray_flip")


def pad(a: NDArray, axes: Sequence[tuple[int, int]]) -> NDArray:
    """Return a compact copy with zeros around it.

    `axes` says for each axis how many come before, and how many after.
    Shapes: (n, m) -> (l + n + r, m) for axes=((l, r), (0, 0)).
    Raises: ShapeError (a ValueError) unless `axes` has two numbers, 0 or more, for each axis.
    """
    raise NotImplementedError("not started: hw4/ndarray_pad")


NDArray.flip = flip
NDArray.pad = pad
