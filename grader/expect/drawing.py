"""Draw shapes, arrays and axes for property-based tests; what fails shrinks to the smallest example."""

import math
from itertools import permutations

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from grader.expect.values import Array

Shape = tuple[int, ...]

_DRAWN = 16  # numbers of an array

reproducible = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=[
        HealthCheck.too_slow,  # as a busy machine is
        HealthCheck.function_scoped_fixture,  # a folder of files, written anew for each example
    ],
)


def shapes(min_dims: int = 0, max_dims: int = 4, max_side: int = 4) -> st.SearchStrategy[Shape]:
    """Draw a shape without empty sides; () is a single number's."""
    sides = st.tuples(*[st.integers(1, max_side)] * max_dims)
    return st.tuples(st.integers(min_dims, max_dims), sides).map(lambda drawn: drawn[1][: drawn[0]])


def arrays(
    shape: Shape | st.SearchStrategy[Shape],
    low: float = -4,
    high: float = 4,
    dtype: npt.DTypeLike = np.float32,
    *,
    nonzero: bool = False,
) -> st.SearchStrategy[Array]:
    """Draw an array of eighths, which float32 holds exactly, from low to high; 0 and 1 are the simplest.

    Of any array 16 numbers are drawn, which a larger one repeats in other orders: so a shape that shrinks
    leaves later draws what they were, and the examples are spent on shapes.
    """
    if isinstance(shape, st.SearchStrategy):
        return shape.flatmap(lambda drawn: arrays(drawn, low, high, dtype, nonzero=nonzero))
    eighths = [n / 8 for n in range(math.ceil(low * 8), math.floor(high * 8) + 1) if n or not nonzero]
    numbers = np.array(sorted(eighths, key=_simplicity), dtype)
    places = np.arange(math.prod(shape))
    places = (places + places // _DRAWN) % _DRAWN

    def filled(drawn: bytes) -> Array:
        few = [byte * len(numbers) // 256 for byte in drawn]
        return np.array(numbers[few][places].reshape(shape))

    return st.binary(min_size=_DRAWN, max_size=_DRAWN).map(filled)


def axes_of(shape: Shape) -> st.SearchStrategy[int | Shape | None]:
    """Draw what names some axes of a shape: None, one axis, or a tuple in any order, negative ones too."""
    dims = len(shape)
    if not dims:
        return st.none()
    orders = [order for count in range(1, dims + 1) for order in permutations(range(dims), count)]
    negative = [(first - dims, *others) for first, *others in orders]
    one = st.sampled_from([None, *range(dims), *range(-dims, 0)])
    return st.one_of(one, st.sampled_from(orders), st.sampled_from(negative))


def two_axes_of(shape: Shape) -> st.SearchStrategy[Shape | None]:
    """Draw what names two different axes of a shape: None (the last two), or a pair, negative ones too."""
    dims = len(shape)
    pairs = [*permutations(range(dims), 2)]
    return st.sampled_from([None, *pairs, *((first - dims, second) for first, second in pairs)])


@st.composite
def broadcast_pairs(draw: st.DrawFn, max_dims: int = 4, max_side: int = 4) -> tuple[Shape, Shape]:
    """Draw a shape and one that it can be broadcast to: with leading axes, or wider where it has 1."""
    wide = draw(shapes(0, max_dims, max_side))
    return draw(_narrower(wide)), wide


@st.composite
def batched_matmul_shapes(draw: st.DrawFn, max_batch_dims: int = 2, max_side: int = 3) -> tuple[Shape, Shape]:
    """Draw the shapes of two operands of @, each with batch axes of its own that broadcast."""
    batch = draw(shapes(0, max_batch_dims, max_side))
    rows, inner, columns = (draw(st.integers(1, max_side)) for _ in range(3))
    return (*draw(_narrower(batch)), rows, inner), (*draw(_narrower(batch)), inner, columns)


@st.composite
def _narrower(draw: st.DrawFn, wide: Shape) -> Shape:
    kept = wide[draw(st.integers(0, len(wide))) :]
    return tuple(1 if draw(st.booleans()) else side for side in kept)


def _simplicity(number: float) -> tuple[int, float, bool]:
    """Order numbers as a person would: 0, 1, -1, 2, -2, ..., then halves, quarters and eighths."""
    return number.as_integer_ratio()[1], abs(number), number < 0
