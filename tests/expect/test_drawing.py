"""What is drawn covers what is asked for, and what fails becomes small."""

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from grader.expect.drawing import (
    arrays,
    axes_of,
    batched_matmul_shapes,
    broadcast_pairs,
    reproducible,
    shapes,
    two_axes_of,
)


def drawn_from(strategy):
    """Return what a test under `reproducible` gets to see."""
    seen = []

    @reproducible
    @given(strategy)
    def look(value):
        seen.append(value)

    look()
    return seen


def smallest(strategy, condition):
    return find(strategy, condition, settings=reproducible)


def test_shapes_keep_their_bounds_and_have_every_number_of_dims() -> None:
    drawn = drawn_from(shapes())
    assert {len(shape) for shape in drawn} == {0, 1, 2, 3, 4}
    assert {side for shape in drawn for side in shape} == {1, 2, 3, 4}
    assert {len(shape) for shape in drawn_from(shapes(2, 3, 2))} == {2, 3}


def test_arrays_have_shape_and_dtype_and_eighths_within_the_bounds() -> None:
    for x in drawn_from(arrays((3, 4), -2, 5)):
        assert x.shape == (3, 4)
        assert x.dtype == np.float32
        assert x.min() >= -2
        assert x.max() <= 5
        assert np.all(x * 8 == np.round(x * 8))
    assert all(x.dtype == np.float64 and x.min() > 0 for x in drawn_from(arrays((2,), 0.125, 3, "float64")))
    assert all(np.all(x != 0) for x in drawn_from(arrays((20,), nonzero=True)))


def test_a_single_number_is_an_array_without_dims() -> None:
    assert {(type(x), x.shape) for x in drawn_from(arrays(()))} == {(np.ndarray, ())}


def test_arrays_of_drawn_shapes_have_those_shapes() -> None:
    assert {x.ndim for x in drawn_from(arrays(shapes(1, 2)))} == {1, 2}


def test_rows_of_a_large_array_differ() -> None:
    x = max(drawn_from(arrays((4, 16))), key=lambda x: len(np.unique(x)))
    assert len(np.unique(x, axis=0)) == 4
    assert len(np.unique(x, axis=1).T) > 8


def test_the_simplest_array_is_zeros_or_ones() -> None:
    assert smallest(arrays((2, 2)), lambda x: True).tolist() == [[0, 0], [0, 0]]
    assert smallest(arrays((2, 2), 0.125), lambda x: True).tolist() == [[1, 1], [1, 1]]
    assert smallest(arrays((2,)), lambda x: x[1] != 0).tolist() == [0, 1]


def test_a_failing_shape_shrinks_with_the_array_and_the_axes_that_belong_to_it() -> None:
    both = shapes().flatmap(lambda shape: st.tuples(arrays(shape), axes_of(shape)))
    x, axes = smallest(both, lambda drawn: drawn[0].ndim > 2 and drawn[1] is not None)
    assert x.tolist() == [[[0]]]
    assert axes == 0


def test_axes_are_none_or_int_or_tuples_in_any_order_and_of_any_sign() -> None:
    drawn = drawn_from(axes_of((2, 3, 4)))
    tuples = [axes for axes in drawn if isinstance(axes, tuple)]
    assert None in drawn
    assert any(isinstance(axes, int) and axes < 0 for axes in drawn)
    assert any(isinstance(axes, int) and axes >= 0 for axes in drawn)
    assert any(len(axes) == 1 for axes in tuples)
    assert any(axes != tuple(sorted(axes)) and min(axes) >= 0 for axes in tuples)
    assert any(min(axes) < 0 for axes in tuples)
    assert all(len({axis % 3 for axis in axes}) == len(axes) for axes in tuples)
    assert set(drawn_from(axes_of(()))) == {None}


def test_two_axes_are_different_ones() -> None:
    drawn = drawn_from(two_axes_of((2, 3, 4)))
    pairs = [axes for axes in drawn if axes is not None]
    assert len(pairs) < len(drawn)
    assert all(len({axis % 3 for axis in axes}) == 2 for axes in pairs)
    assert any(min(axes) < 0 for axes in pairs)


def test_a_narrow_shape_broadcasts_to_its_wide_one() -> None:
    drawn = drawn_from(broadcast_pairs())
    assert all(np.broadcast_shapes(narrow, wide) == wide for narrow, wide in drawn)
    assert any(narrow == () and wide for narrow, wide in drawn)
    assert any(0 < len(narrow) < len(wide) for narrow, wide in drawn)
    assert any(len(narrow) == len(wide) and narrow != wide for narrow, wide in drawn)


def test_operands_of_matmul_fit_and_either_may_have_fewer_or_narrower_batch_axes() -> None:
    drawn = drawn_from(batched_matmul_shapes())
    for a, b in drawn:
        assert (np.ones(a) @ np.ones(b)).shape[-2:] == (a[-2], b[-1])
    assert any(len(a) > len(b) for a, b in drawn)
    assert any(len(a) < len(b) for a, b in drawn)
    assert any(len(a) == len(b) > 2 and a[:-2] != b[:-2] for a, b in drawn)


@pytest.mark.parametrize("strategy", [arrays(shapes()), broadcast_pairs(), axes_of((1, 2, 3))])
def test_the_same_examples_are_drawn_each_time(strategy) -> None:
    assert repr(drawn_from(strategy)) == repr(drawn_from(strategy))
