"""What each op of needle can be called with: the shapes of its inputs, and a setting such as its axes."""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

Shape = tuple[int, ...]

sides = st.integers(1, 4)
filled_shapes = st.lists(sides, max_size=4).map(tuple)
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
nothing = st.none()
scalars = st.sampled_from([-2, 0.5, 3, np.float64(1.5), np.array([2.5]), np.array(2, dtype="int64")])


def alike(
    count: int, shapes: st.SearchStrategy[Shape] = shapes, setting: st.SearchStrategy[Any] = nothing
) -> st.SearchStrategy[Any]:
    return st.tuples(shapes.map(lambda shape: (shape,) * count), setting)


@st.composite
def swaps(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(st.integers(0, 4), min_size=2, max_size=4).map(tuple))
    axis = st.integers(-len(shape), len(shape) - 1)
    return (shape,), draw(st.none() | st.tuples(axis, axis))


@st.composite
def reshapes(draw: st.DrawFn) -> tuple:
    old = draw(shapes)
    factors = [prime for side in old for prime in {0: (0,), 1: (), 4: (2, 2)}.get(side, (side,))]
    new = draw(st.permutations([*factors, *draw(st.just([]) | st.just([1]))]))
    cut = draw(st.integers(0, len(new)))
    return (old,), (math.prod(new[:cut]), *new[cut:]) if cut else tuple(new)


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple:
    new = draw(shapes)
    old = tuple(draw(st.sampled_from([1, side])) for side in new)
    return (old[draw(st.integers(0, len(new))) :],), new


@st.composite
def reductions(draw: st.DrawFn, shapes: st.SearchStrategy[Shape] = shapes) -> tuple:
    shape = draw(shapes)
    if not shape:
        return (shape,), draw(st.sampled_from([None, ()]))
    axis = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(axis, unique_by=lambda at: at % len(shape)).map(tuple)
    return (shape,), draw(st.none() | axis | several)


@st.composite
def products(draw: st.DrawFn) -> tuple:
    batch = draw(st.lists(sides, max_size=2))
    n, k, m = draw(st.tuples(sides, st.integers(0, 4), sides))
    sizes = []
    for matrix in ((n, k), (k, m)):
        axes = [draw(st.sampled_from([1, side])) for side in batch]
        sizes.append((*axes[draw(st.integers(0, len(batch))) :], *matrix))
    return tuple(sizes), None


@st.composite
def convolutions(draw: st.DrawFn) -> tuple:
    batch, channels, outputs = draw(st.tuples(st.integers(0, 2), sides, sides))
    stride, padding = draw(st.tuples(st.integers(1, 3), st.integers(0, 2)))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    image = [draw(st.integers(max(1, side - 2 * padding), 6)) for side in kernel]
    return ((batch, *image, channels), (*kernel, channels, outputs)), (stride, padding)


@st.composite
def indices(draw: st.DrawFn) -> tuple:
    """Draw indices that PyTorch takes too: no slice runs backwards."""
    shape = draw(st.lists(sides, min_size=1, max_size=3).map(tuple))
    which = draw(st.sampled_from(["integers and slices", "an array", "arrays that meet in one place"]))
    if which == "an array":
        return (shape,), np.array(
            draw(st.lists(st.integers(-shape[0], shape[0] - 1), min_size=1, max_size=5))
        )
    if which == "arrays that meet in one place":
        return (shape,), tuple(np.array([side - 1, 0, side - 1]) for side in shape)
    kept = draw(st.integers(1, len(shape)))
    parts = [st.integers(-side, side - 1) | st.slices(side).filter(_forwards) for side in shape[:kept]]
    return (shape,), tuple(draw(part) for part in parts)


def _forwards(part: slice) -> bool:
    return part.step is None or part.step > 0


@st.composite
def placings(draw: st.DrawFn) -> tuple:
    (shape,), index = draw(indices())
    return (np.zeros(shape)[index].shape,), (index, shape)


@st.composite
def stacks(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(st.integers(0, 4), max_size=3).map(tuple))
    return (shape,) * draw(st.integers(1, 4)), draw(st.integers(-len(shape) - 1, len(shape)))


@st.composite
def joins(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(sides, min_size=1, max_size=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    joined = []
    for length in draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)):
        shape[axis] = length
        joined.append(tuple(shape))
    return tuple(joined), axis


def flips() -> st.SearchStrategy[tuple]:
    return reductions().map(lambda call: (call[0], () if call[1] is None else call[1]))


@st.composite
def margins(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(sides, min_size=1, max_size=3).map(tuple))
    before = [draw(st.integers(-side, 2)) for side in shape]
    cropped = [side + min(width, 0) for side, width in zip(shape, before, strict=True)]
    return (shape,), [
        (width, draw(st.integers(-side, 2))) for side, width in zip(cropped, before, strict=True)
    ]


@st.composite
def dilations(draw: st.DrawFn, *, undone: bool = False) -> tuple:
    """Draw axes, also one that is not there, and how many zeros."""
    ((shape,), axes), zeros = draw(flips()), draw(st.integers(0, 2))
    axes = (axes,) if isinstance(axes, int) else (*axes, *draw(st.sampled_from([(), (len(shape) + 1,)])))
    spread = {axis % len(shape) for axis in axes if axis < len(shape)} if undone else ()
    return (tuple(side * (zeros + 1 if axis in spread else 1) for axis, side in enumerate(shape)),), (
        axes,
        zeros,
    )
