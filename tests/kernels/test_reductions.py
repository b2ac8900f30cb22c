"""Sums and maxima over any axes of any view give NumPy's results, the same on any number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strided_views import Array, drawn, fast, lacks, read, run_tests_with, shaped, shapes, threads, views

ROUNDING = 2.0**-24


@drawn
@given(st.data(), shapes())
def test_a_sum_over_any_axes_of_any_view_gives_numpys_result(
    data: st.DataObject, shape: tuple[int, ...]
) -> None:
    check_sum(data.draw(views(shape)), draw_axes(data, len(shape)))


@drawn
@given(st.data(), shapes())
def test_a_maximum_over_any_axes_of_any_view_gives_numpys_result(
    data: st.DataObject, shape: tuple[int, ...]
) -> None:
    shape = tuple(max(1, length) for length in shape)
    check_maximum(data.draw(views(shape)), draw_axes(data, len(shape)))


LARGE = {
    "everything": ((3_000_001,), (0,)),
    "both": ((1500, 1701), (0, 1)),
    "columns": ((1500, 1701), (0,)),
    "rows": ((1500, 1701), (1,)),
    "few long rows": ((3, 700_001), (1,)),
    "few long columns": ((700_001, 3), (0,)),
    "some long columns": ((9_001, 300), (0,)),
    "short rows": ((300_001, 3), (1,)),
    "rows of fifty": ((20_001, 50), (1,)),
    "channels": ((20, 16, 60, 61), (0, 2, 3)),
    "channels last": ((20, 60, 61, 16), (0, 1, 2)),
    "outer and inner": ((70, 90, 110), (0, 2)),
    "middle": ((70, 90, 110), (1,)),
}


@pytest.mark.parametrize("case", sorted(LARGE))
@pytest.mark.parametrize("turned", [False, True])
def test_large_arrays_give_numpys_result_and_the_same_on_any_number_of_threads(
    case: str, turned: bool
) -> None:
    shape, axes = LARGE[case]
    rng = np.random.default_rng(len(case))
    view = rng.normal(size=shape[::-1] if turned else shape).astype("float32")
    view = view.T if turned else view
    results = []
    for number in (1, 2, 3):
        with threads(number):
            check_maximum(view, axes)
            results.append(check_sum(view, axes).tobytes())
    assert len(set(results)) == 1


@pytest.mark.parametrize("step", [2, -3])
def test_sums_along_steps_give_numpys_result(step: int) -> None:
    view = np.random.default_rng(0).normal(size=(601, 1204)).astype("float32")[:, ::step]
    for axes in ((0,), (1,), (0, 1)):
        check_sum(view, axes)
        check_sum(view.T, axes)
        check_maximum(view, axes)


@pytest.mark.parametrize(
    ("shape", "axes"), [((1 << 24,), (0,)), ((1 << 20, 16), (0,)), ((16, 1 << 20), (1,))]
)
def test_the_error_of_a_long_sum_stays_small(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    view = np.broadcast_to(np.float32(0.1), shape)  # one after the other, 2^24 of them are off by a fifth
    exact = np.float64(np.float32(0.1)) * np.prod([shape[axis] for axis in axes])
    kept = tuple(length for axis, length in enumerate(shape) if axis not in axes)
    for strided in (view, np.full(shape, 0.1, "float32")):
        np.testing.assert_allclose(read(fast.reduce_sum(*shaped(strided), axes), kept), exact, rtol=2e-6)


@pytest.mark.parametrize("shape", [(5,), (40,), (1000,), (100_000,), (50, 60), (3, 300_000)])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_nan_or_an_infinity_shows_wherever_it_lies(shape: tuple[int, ...], number: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        view = rng.normal(size=shape).astype("float32")
        view[tuple(rng.integers(0, length) for length in shape)] = number
        for axes in {(0,), (len(shape) - 1,), tuple(range(len(shape)))}:
            result = read(fast.reduce_max(*shaped(view), axes), kept_shape(view, axes))
            np.testing.assert_array_equal(result, view.max(axis=axes))
            result = read(fast.reduce_sum(*shaped(view), axes), kept_shape(view, axes))
            np.testing.assert_allclose(result, view.sum(axis=axes), rtol=1e-3, atol=1e-2)


def test_a_sum_of_nothing_is_zero() -> None:
    view = np.zeros((3, 0, 2), "float32")
    np.testing.assert_array_equal(read(fast.reduce_sum(*shaped(view), (1,)), (3, 2)), np.zeros((3, 2)))
    assert read(fast.reduce_sum(*shaped(view), (0, 1, 2)), ()) == 0
    assert fast.reduce_sum(*shaped(view), (0,)).size == 0


def test_a_maximum_of_nothing_is_refused() -> None:
    view = np.zeros((3, 0), "float32")
    with pytest.raises(
        ValueError, match=r"no maximum over an axis that holds nothing. Expected an array with"
    ):
        fast.reduce_max(*shaped(view), (1,))
    assert fast.reduce_max(*shaped(view), (0,)).size == 0


@pytest.mark.parametrize("axes", [(2,), (-1,), (1, 0), (0, 0), (0, 2**40)])
def test_axes_that_are_not_sorted_or_not_there_are_refused(axes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"reduce_sum: axes holds .* Expected axes from 0 to 1, rising"):
        fast.reduce_sum(*shaped(np.zeros((3, 4), "float32")), axes)


def test_a_view_that_leaves_its_array_is_refused() -> None:
    handle, shape, strides, _ = shaped(np.zeros((3, 4), "float32"))
    for call in (fast.reduce_sum, fast.reduce_max):
        with pytest.raises(IndexError, match="the view reaches from element 1 to 12 of an array of 12"):
            call(handle, shape, strides, 1, (0,))


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_other_instruction_sets_pass_these_tests(isa: str) -> None:
    if isa == fast.isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "any_view or along_steps or nan or nothing")


def draw_axes(data: st.DataObject, ndim: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(ndim) if data.draw(st.booleans()))


def kept_shape(view: Array, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for axis, length in enumerate(view.shape) if axis not in axes)


def check_sum(view: Array, axes: tuple[int, ...]) -> Array:
    """Compare with float64: 16 roundings of partial sums one after the other, then of a tree's levels."""
    result = read(fast.reduce_sum(*shaped(view), axes), kept_shape(view, axes))
    exact, sizes = view.sum(axis=axes, dtype="float64"), abs(view).sum(axis=axes, dtype="float64")
    levels = 24 + np.log2(1 + np.prod([view.shape[axis] for axis in axes]))
    assert (abs(result - exact) <= ROUNDING * levels * sizes).all()
    return result


def check_maximum(view: Array, axes: tuple[int, ...]) -> None:
    result = read(fast.reduce_max(*shaped(view), axes), kept_shape(view, axes))
    np.testing.assert_array_equal(result, view.max(axis=axes))
