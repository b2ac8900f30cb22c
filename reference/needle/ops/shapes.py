"""What shapes and axes the ops take: each rule once, with the error that says it."""

import math
from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from needle.errors import ShapeError

Shape = tuple[int, ...]


def refuse(op: str, found: str, expected: str, advice: str) -> NoReturn:
    """Raises: ShapeError, in the form that every shape's error has."""
    raise ShapeError(f"{op}: {found}. Expected {expected}. {advice}.")


def require_same_shape(op: str, a: Shape, b: Shape) -> None:
    if a != b:
        found, advice = f"a is {a}, b is {b}", "Call broadcast_to(shape) on the smaller one first"
        refuse(op, found, f"equal shapes: {op} does not broadcast", advice)


def normalize_axis(op: str, axis: int, ndim: int) -> int:
    """Return an axis counted from the front. Raises: ShapeError when there is no such axis."""
    if not isinstance(axis, (int, np.integer)):
        refuse(op, f"axis {axis!r}", "a whole number, several as a tuple, or None", "Count axes from 0")
    if not -ndim <= axis < ndim:
        expected = f"{-ndim} <= axis < {ndim}" if ndim else "no axis at all"
        refuse(op, f"axis {axis} of a tensor with {ndim} axes", expected, "Count the axes in its shape")
    return axis % ndim


def normalize_axes(op: str, axes: int | Sequence[int] | None, ndim: int) -> Shape:
    """Return axes as a sorted tuple counted from the front; None means all of them.

    Raises: ShapeError for an axis that there is not, or that stands twice.
    """
    if axes is None:
        return tuple(range(ndim))
    named = axes if isinstance(axes, (tuple, list)) else (axes,)
    chosen = [normalize_axis(op, axis, ndim) for axis in named]
    if len(set(chosen)) < len(chosen):
        refuse(op, f"axes {axes} name one axis twice", "each axis once", "Name it once")
    return tuple(sorted(chosen))


def two_axes(op: str, axes: Sequence[int] | None, ndim: int) -> tuple[int, int]:
    """Return two axes counted from the front, by default the last two.

    Raises: ShapeError for more or fewer, or for an axis that there is not.
    """
    chosen = (-2, -1) if axes is None else axes
    if not isinstance(chosen, (tuple, list)) or len(chosen) != 2:
        refuse(op, f"axes {axes}", "two axes, such as (0, 2), or None for the last two", "Name both")
    one, other = chosen
    return normalize_axis(op, one, ndim), normalize_axis(op, other, ndim)


def as_shape(shape: int | Sequence[int]) -> Shape:
    """Return a shape as a tuple, also of a single length."""
    return (shape,) if isinstance(shape, int) else tuple(shape)


def require_same_size(op: str, old: Shape, new: Shape) -> None:
    sizes = math.prod(old), math.prod(new)
    if sizes[0] != sizes[1] or min(new, default=0) < 0:
        found = f"{old} holds {sizes[0]} elements, {new} holds {sizes[1]}"
        refuse(
            op, found, "as many as before, and no axis below 0", "Work the sizes out: -1 is not known here"
        )


def require_broadcastable(op: str, old: Shape, new: Shape) -> None:
    aligned = (1,) * (len(new) - len(old)) + old
    if len(old) > len(new) or any(one not in (1, other) for one, other in zip(aligned, new, strict=True)):
        expected = "each old axis, aligned from the right, to be 1 or as long as the new one"
        refuse(
            op, f"{old} can't become {new}", expected, "Reshape first, to put a 1 where an axis shall grow"
        )


def require_matmul_shapes(op: str, a: Shape, b: Shape) -> None:
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-2]:
        advice = "Transpose or reshape one of them"
        refuse(op, f"a is {a}, b is {b}", "(..., n, k) and (..., k, m), with one k", advice)
    pairs = zip(a[-3::-1], b[-3::-1], strict=False)  # the shorter one's missing axes count as 1
    if any(one != other and 1 not in (one, other) for one, other in pairs):
        found, expected = f"a is {a}, b is {b}", "batch axes that are equal or 1, aligned from the right"
        refuse(op, found, expected, "Reshape one of them")
