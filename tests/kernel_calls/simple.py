"""Calls of the functions that every backend has."""

from collections.abc import Callable

import numpy as np

from .drawing import BINARY, UNARY, Draw, Trial


def compact(draw: Draw) -> Trial:
    view = draw.drawn_view()
    a, memory = draw.array(view.size)
    inside = view.is_inside()
    size = draw.size_near(view.count if inside else 8)
    out, _ = draw.array(size)
    right = inside and size == view.count
    arguments = (a, out, list(view.shape), list(view.strides), view.offset)
    return Trial("compact", arguments, right, [(a, memory)], out, lambda: view.of(memory).reshape(-1))


def to_numpy(draw: Draw) -> Trial:
    view = draw.drawn_view()
    a, memory = draw.array(view.size)
    arguments = (a, view.shape, view.strides, view.offset)
    return Trial("to_numpy", arguments, view.is_inside(), [(a, memory)], None, lambda: view.of(memory))


def ewise_setitem(draw: Draw) -> Trial:
    view = draw.drawn_view(repeats=False)
    out, memory = draw.array(view.size)
    size = draw.size_near(view.count if view.is_inside() else 8)
    a, values = draw.array(size)

    def expected() -> np.ndarray:
        view.of(memory)[...] = values.reshape(view.shape)
        return memory

    right = view.is_inside() and size == view.count
    arguments = (a, out, view.shape, view.strides, view.offset)
    open_order = right and not view.shows_each_once()
    return Trial("ewise_setitem", arguments, right, [(a, values)], out, expected, open_order)


def scalar_setitem(draw: Draw) -> Trial:
    view = draw.drawn_view()
    out, memory = draw.array(view.size)
    size = draw.size_near(view.count if view.is_inside() else 8)

    def expected() -> np.ndarray:
        view.of(memory)[...] = 2.5
        return memory

    arguments = (size, 2.5, out, view.shape, view.strides, view.offset)
    right = view.is_inside() and size == view.count
    raced = right and not view.shows_each_once()  # two threads write one element: cudasim says so
    return Trial("scalar_setitem", arguments, right, [], out, expected, raced)


def ewise(draw: Draw) -> Trial:
    name = draw.one_of("ewise_", [*BINARY, *UNARY])
    count = draw.plain_size()
    sizes = [draw.size_near(count) for _ in range(3 if name in BINARY else 2)]
    *inputs, (out, _) = (draw.array(size) for size in sizes)
    function = BINARY.get(name) or UNARY[name]
    arrays = [array for array, _ in inputs]
    return Trial(
        f"ewise_{name}",
        (*arrays, out),
        len(set(sizes)) == 1,
        inputs,
        out,
        lambda: function(*(values for _, values in inputs)),
    )


def scalar(draw: Draw) -> Trial:
    name = draw.one_of("scalar_", BINARY)
    count = draw.plain_size()
    (a, values), (out, _) = draw.array(draw.size_near(count)), draw.array(count)
    number = float(draw.rng.choice([0.5, 2.0, 3.0, 1.3]))
    expected = lambda: BINARY[name](values, np.float32(number))  # noqa: E731
    return Trial(f"scalar_{name}", (a, number, out), values.size == count, [(a, values)], out, expected)


def reduce(draw: Draw) -> Trial:
    name, count = str(draw.rng.choice(["sum", "max"])), int(draw.rng.integers(0, 70))
    each = int(draw.rng.integers(0 if draw.chance(0.1) else 1, 70))
    asked = each
    if count and draw.chance(0.1):
        asked = int(draw.rng.choice(np.array([0, 2**62, 2**64 - 1, -1], dtype=object)))
    (a, values), (out, _) = draw.array(draw.size_near(count * each)), draw.array(count)
    right = asked >= 0 and values.size == count * asked and not (name == "max" and asked == 0)
    reduced = lambda: getattr(values.reshape(count, each), name)(axis=1)  # noqa: E731
    return Trial(f"reduce_{name}", (a, out, asked), right, [(a, values)], out, reduced)


def matmul(draw: Draw) -> Trial:
    tiled = hasattr(draw.module, "matmul_tiled") and draw.chance(0.5)
    tile = draw.module.__tile_size__ if tiled else 1
    m, n, p = (
        int(side) * (1 if draw.chance(0.1) else tile)
        for side in draw.rng.integers(0, 20 if tile == 1 else 4, 3)
    )
    sizes = [draw.size_near(one) for one in (m * n, n * p, m * p)]
    (a, left), (b, right), (out, _) = (draw.array(size) for size in sizes)
    valid = sizes == [m * n, n * p, m * p] and not any(side % tile for side in (m, n, p))
    if draw.chance(0.05):
        m, valid = int(draw.rng.choice([-1, 2**33, 2**62])), False
    return Trial(
        "matmul_tiled" if tiled else "matmul",
        (a, b, out, m, n, p),
        valid,
        [(a, left), (b, right)],
        out,
        lambda: product_of_tiles(left, right, m, n, p, tile),
    )


def lent(draw: Draw) -> Trial:
    view = draw.drawn_view()
    a, memory = draw.array(view.size)
    arguments = (a, view.shape, view.strides, view.offset)
    return Trial("to_dlpack", arguments, view.is_inside(), [(a, memory)], unchecked=True)


def odd(draw: Draw) -> Trial:
    """Arguments of wrong kinds, or too few."""
    name = str(draw.rng.choice([one for one in dir(draw.module) if callable(getattr(draw.module, one))]))
    return Trial(name, draw.odd_arguments(), name in ("Array",), unchecked=True)


def product_of_tiles(a: np.ndarray, b: np.ndarray, m: int, n: int, p: int, tile: int) -> np.ndarray:
    """Return the product of matrices that are stored tile by tile."""
    left = a.reshape(m // tile, n // tile, tile, tile).swapaxes(1, 2).reshape(m, n)
    right = b.reshape(n // tile, p // tile, tile, tile).swapaxes(1, 2).reshape(n, p)
    product = (left @ right).reshape(m // tile, tile, p // tile, tile)
    return product.swapaxes(1, 2).reshape(-1)


CALLS: list[Callable[[Draw], Trial]] = [
    compact,
    to_numpy,
    ewise_setitem,
    scalar_setitem,
    ewise,
    scalar,
    reduce,
    matmul,
    lent,
    odd,
]
