"""Calls of the fast functions, which take views."""

import math
from collections.abc import Callable

import numpy as np

from .drawing import BINARY, UNARY, Draw, Trial, View


def unary(draw: Draw) -> Trial:
    name = draw.one_of("", ["compact", *UNARY], draw.fast)
    view = draw.drawn_view()
    a, memory = draw.array(view.size)
    function = UNARY.get(name, np.copy)
    arguments = (a, view.shape, view.strides, view.offset)
    return Trial(
        f"fast.{name}",
        arguments,
        view.is_inside(),
        [(a, memory)],
        None,
        lambda: function(view.of(memory)),
    )


def ewise(draw: Draw) -> Trial:
    name = draw.one_of("ewise_", BINARY, draw.fast)
    one = draw.drawn_view()
    shape = one.shape
    other = draw.view(shape if min(shape, default=0) >= 0 and math.prod(shape) < 10**5 else ())
    other = View(shape, other.strides, other.offset, other.size)
    (a, left), (b, right) = draw.array(one.size), draw.array(other.size)
    arguments = (a, one.strides, one.offset, b, other.strides, other.offset, shape)
    inside = one.is_inside() and other.is_inside()
    expected = lambda: BINARY[name](one.of(left), other.of(right))  # noqa: E731
    return Trial(f"fast.ewise_{name}", arguments, inside, [(a, left), (b, right)], None, expected)


def scalar(draw: Draw) -> Trial:
    reverse = draw.chance(0.3)
    names = ["sub", "div", "power"] if reverse else list(BINARY)
    name = draw.one_of("scalar_r" if reverse else "scalar_", names, draw.fast)
    view = draw.drawn_view()
    a, memory = draw.array(view.size)
    number = np.float32(draw.rng.choice([-1, 0, 0.5, 1, 2, 3, 1.3]))

    def expected() -> np.ndarray:
        pair = (number, view.of(memory)) if reverse else (view.of(memory), number)
        return BINARY[name](*pair)

    arguments = (a, view.shape, view.strides, view.offset, float(number))
    kernel = f"fast.scalar_{'r' * reverse}{name}"
    return Trial(kernel, arguments, view.is_inside(), [(a, memory)], None, expected)


def assign(draw: Draw) -> Trial:
    to = draw.drawn_view(repeats=False)
    out, memory = draw.array(to.size)
    source = draw.view(to.shape if to.is_inside() else ())
    source = View(to.shape, source.strides, source.offset, source.size)
    a, values = draw.array(source.size)
    right = to.is_inside() and source.is_inside()

    def expected() -> np.ndarray:
        to.of(memory)[...] = source.of(values)
        return memory

    arguments = (a, source.strides, source.offset, out, to.strides, to.offset, to.shape)
    open_order = right and not to.shows_each_once()
    return Trial("fast.assign", arguments, right, [(a, values)], out, expected, open_order)


def reduce(draw: Draw) -> Trial:
    name, view = str(draw.rng.choice(["sum", "max"])), draw.drawn_view()
    a, memory = draw.array(view.size)
    ndim = len(view.shape)
    axes = tuple(axis for axis in range(ndim) if draw.chance(0.5))
    sides = [math.prod(side for at, side in enumerate(view.shape) if (at in axes) == gone) for gone in (0, 1)]
    right = view.is_inside() and not (name == "max" and sides[0] != 0 and sides[1] == 0)
    if draw.chance(0.1):
        axes, right = (int(draw.rng.choice([-1, ndim, 99])),), False
    arguments = (a, view.shape, view.strides, view.offset, axes)
    reduced = lambda: getattr(view.of(memory), name)(axis=axes) if sides[0] else np.empty(0)  # noqa: E731
    return Trial(f"fast.reduce_{name}", arguments, right, [(a, memory)], None, reduced)


def matmul(draw: Draw) -> Trial:
    m, n, p = (int(side) for side in draw.rng.integers(0, 40, 3))
    batch = tuple(
        int(side) for side in draw.rng.integers(0 if draw.chance(0.1) else 1, 4, draw.rng.integers(0, 3))
    )
    one, other = draw.drawn_view((*batch, m, n)), draw.view((*batch, n, p))
    if one.shape != (*batch, m, n):  # its shape was spoiled: that of the call is another
        one = View((*batch, m, n), one.strides, one.offset, one.size)
    (a, left), (b, right) = draw.array(one.size), draw.array(other.size)
    arguments = (a, one.strides, one.offset, b, other.strides, other.offset, batch, m, n, p)
    inside = one.is_inside() and other.is_inside()
    expected = lambda: np.matmul(one.of(left), other.of(right))  # noqa: E731
    return Trial("fast.matmul", arguments, inside, [(a, left), (b, right)], None, expected)


def odd(draw: Draw) -> Trial:
    names = [one for one in dir(draw.fast) if callable(getattr(draw.fast, one))]
    name = str(draw.rng.choice([one for one in names if not one.startswith("__")]))
    return Trial(f"fast.{name}", draw.odd_arguments(), True, unchecked=True)


CALLS: list[Callable[[Draw], Trial]] = [unary, ewise, scalar, assign, reduce, matmul, odd]
