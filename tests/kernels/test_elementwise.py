"""Element-wise kernels give NumPy's results for views of any shape and strides, on any number of threads."""

import threading
from typing import Any

import ndarray_backend_cpu as backend
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strided_views import (
    STEPS,
    Array,
    drawn,
    fast,
    lacks,
    memory_of,
    place,
    placed,
    read,
    run_tests_with,
    shaped,
    shapes,
    threads,
    uploaded,
    views,
)

EXACT = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "eq": np.equal,
    "ne": np.not_equal,
    "ge": np.greater_equal,
    "gt": np.greater,
    "le": np.less_equal,
    "lt": np.less,
}
REVERSED = {"rsub": np.subtract, "rdiv": np.divide}
FUNCTIONS = {"compact": np.positive, "negate": np.negative, "sqrt": np.sqrt}
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, 3e38]


@drawn
@given(st.data(), shapes(), st.sampled_from(sorted(EXACT)))
def test_an_op_on_any_two_views_gives_numpys_result(
    data: st.DataObject, shape: tuple[int, ...], name: str
) -> None:
    check_op(name, data.draw(views(shape)), data.draw(views(shape)))


@drawn
@given(
    st.data(), shapes(), st.sampled_from(sorted(EXACT | REVERSED)), st.sampled_from([0.0, 1.5, -3.0, np.inf])
)
def test_an_op_on_a_view_and_a_number_gives_numpys_result(
    data: st.DataObject, shape: tuple[int, ...], name: str, value: float
) -> None:
    view = data.draw(views(shape))
    number = np.float32(value)
    with np.errstate(all="ignore"):
        expected = REVERSED[name](number, view) if name in REVERSED else EXACT[name](view, number)
    result = getattr(fast, f"scalar_{name}")(*shaped(view), value)
    np.testing.assert_array_equal(read(result, shape), expected.astype("float32"))


@drawn
@given(st.data(), shapes(), st.sampled_from(sorted(FUNCTIONS)))
def test_a_function_of_any_view_gives_numpys_result(
    data: st.DataObject, shape: tuple[int, ...], name: str
) -> None:
    check_function(name, data.draw(views(shape)))


@drawn
@given(st.data(), shapes())
def test_assign_writes_a_view_and_nothing_beside_it(data: st.DataObject, shape: tuple[int, ...]) -> None:
    source = data.draw(views(shape))
    target = data.draw(views(shape, STEPS.filter(bool)))
    handle = uploaded(memory_of(target))
    fast.assign(*placed(source), handle, *place(target), shape)
    memory_of(target).flags.writeable = True
    writable(target)[...] = source
    np.testing.assert_array_equal(read(handle, memory_of(target).shape), memory_of(target))


@pytest.mark.parametrize("size", [10, 100_000])
@pytest.mark.parametrize("forwards", [True, False])
def test_assign_within_one_array_reads_everything_before_it_writes(size: int, forwards: bool) -> None:
    numbers = np.arange(size, dtype="float32")
    handle = uploaded(numbers)
    source, target = (slice(None, -1), slice(1, None)) if forwards else (slice(None), slice(None, None, -1))
    a, out = numbers[source], numbers[target]
    fast.assign(handle, *place(a), handle, *place(out), a.shape)
    expected = numbers.copy()
    expected[target] = numbers[source]
    np.testing.assert_array_equal(read(handle, (size,)), expected)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_special_numbers_give_what_numpy_gives(name: str) -> None:
    a, b = np.meshgrid(*[np.array(SPECIAL * 3, dtype="float32")] * 2)
    check_op(name, a, b)
    check_op(name, a.T, b)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "layout",
    ["long", "turned", "both turned", "row", "column", "narrow", "every other", "backwards", "images"],
)
def test_large_arrays_give_numpys_result_on_any_number_of_threads(layout: str, number: int) -> None:
    with threads(number):
        a, b = large(layout)
        check_op("add", a, b)
        check_op("sub", b, a)
        check_function("negate", b)
        check_function("compact", b)


@pytest.mark.parametrize("shape", [(3_000_001,), (1601, 1700), (1600, 1700)])
def test_copies_of_large_arrays_are_whole(shape: tuple[int, ...]) -> None:
    source = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    target = np.zeros(shape, dtype="float32")
    for view in (source, source[::-1], np.ascontiguousarray(source.T).T):
        handle = uploaded(target)
        fast.assign(*placed(view), handle, *place(target), shape)
        np.testing.assert_array_equal(read(handle, shape), view)
        handle = uploaded(target)
        fast.assign(*placed(view), handle, *place(target.T.reshape(-1).reshape(shape[::-1]).T), shape)
        np.testing.assert_array_equal(read(handle, shape[::-1]).T, view)


def test_results_of_several_python_threads_at_once_are_all_right() -> None:
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            for size in (3, 300, 600):
                a, b = rng.normal(size=(2, size, size)).astype("float32")
                check_op("add", a, b.T)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


@pytest.mark.parametrize(
    ("strides", "offset", "shape"),
    [
        ((4, 1), 0, (4, 4)),
        ((4, 1), 1, (3, 4)),
        ((4, -1), 2, (3, 4)),
        ((1, 1), -1, (1, 1)),
        ((2**62,), 0, (3,)),
    ],
)
def test_a_view_that_leaves_its_array_is_refused(
    strides: tuple[int, ...], offset: int, shape: tuple[int, ...]
) -> None:
    array, one = uploaded(np.zeros(12, "float32")), uploaded(np.zeros(1, "float32"))
    none = (0,) * len(shape)
    calls: list[tuple[Any, ...]] = [
        (fast.exp, array, shape, strides, offset),
        (fast.compact, array, shape, strides, offset),
        (fast.scalar_add, array, shape, strides, offset, 1.0),
        (fast.ewise_add, array, strides, offset, one, none, 0, shape),
        (fast.ewise_add, one, none, 0, array, strides, offset, shape),
        (fast.assign, array, strides, offset, one, none, 0, shape),
        (fast.assign, one, none, 0, array, strides, offset, shape),
    ]
    for call, *arguments in calls:
        with pytest.raises(IndexError, match=r"the view reaches from element .* of an array of 12 elements"):
            call(*arguments)


def test_an_empty_view_may_lie_anywhere() -> None:
    array = backend.Array(0)
    assert fast.exp(array, (0, 3), (3, 1), 2**40).size == 0
    assert fast.ewise_add(array, (3, 1), 2**40, array, (3, 1), -5, (0, 3)).size == 0
    fast.assign(array, (3, 1), 2**40, array, (3, 1), -5, (0, 3))


def test_a_wrong_call_says_what_is_wrong() -> None:
    array = backend.Array(4)
    with pytest.raises(TypeError, match=r"ewise_add: 2 arguments. Expected 7, by position"):
        fast.ewise_add(array, array)
    with pytest.raises(TypeError, match=r"exp: a is a int. Expected this module's Array"):
        fast.exp(3, (4,), (1,), 0)
    with pytest.raises(ValueError, match=r"a has 1 strides for 2 dimensions. Expected one each"):
        fast.exp(array, (2, 2), (1,), 0)
    with pytest.raises(ValueError, match=r"an axis is -4 long. Expected 0 or more"):
        fast.exp(array, (-4,), (1,), 0)
    with pytest.raises(TypeError, match="must be real number, not str"):
        fast.scalar_add(array, (4,), (1,), 0, "one")
    with pytest.raises(MemoryError, match="bytes"):
        fast.exp(array, (2**28, 2**28), (0, 0), 0)


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_other_instruction_sets_pass_these_tests(isa: str) -> None:
    if isa == fast.isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "gives_numpys_result and not large or assign or special or whole")


def check_op(name: str, a: Array, b: Array) -> None:
    with np.errstate(all="ignore"):
        expected = EXACT[name](a, b).astype("float32")
    result = getattr(fast, f"ewise_{name}")(*placed(a), *placed(b), a.shape)
    np.testing.assert_array_equal(read(result, a.shape), expected)


def check_function(name: str, view: Array) -> None:
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](view)
    np.testing.assert_array_equal(read(getattr(fast, name)(*shaped(view)), view.shape), expected)


def writable(view: Array) -> Array:
    """Return the same view, in which one may write."""
    strides, offset = place(view)
    first = memory_of(view).reshape(-1)[offset:]
    return np.lib.stride_tricks.as_strided(first, view.shape, [4 * stride for stride in strides])


def large(layout: str) -> tuple[Array, Array]:
    """Return two views large enough for several threads, and for stores past the caches."""
    rng = np.random.default_rng(len(layout))
    if layout == "long":
        return rng.random(4_000_003, dtype="float32"), rng.random(4_000_003, dtype="float32")
    if layout == "narrow":
        return rng.random((300_000, 10), dtype="float32"), np.broadcast_to(
            rng.random(10, dtype="float32"), (300_000, 10)
        )
    if layout == "images":
        images = rng.random((4, 65, 70, 130), dtype="float32")
        return images.transpose(0, 2, 3, 1), np.broadcast_to(
            rng.random(65, dtype="float32"), (4, 70, 130, 65)
        )
    a, b = rng.random((2, 1601, 1604), dtype="float32")
    if layout == "turned":
        return a[:, :1601], b[:, :1601].T
    if layout == "both turned":
        return a.T, b.T
    if layout == "row":
        return a, np.broadcast_to(b[3], a.shape)
    if layout == "column":
        return a, np.broadcast_to(b[:, 3:4], a.shape)
    return (
        (a[:, ::2], b[:, 1::2]) if layout == "every other" else (a[:, ::-1], b[::-1, ::-2].repeat(2, axis=1))
    )
