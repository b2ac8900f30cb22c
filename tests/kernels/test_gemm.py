"""fast.matmul gives NumPy's products, for matrices of any size and strides, one at a time and in batches."""

import os
import subprocess
import sys
import threading
from typing import Any

import ndarray_backend_cpu as backend
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strided_views import lacks, run_tests_with

fast = backend.fast
ROUNDING = 2.0**-23

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)
sizes = st.integers(0, 70)
# How an axis lies in memory: its step, forwards or backwards, or 0 for one element seen many times.
steps = st.sampled_from([1, 1, 1, 2, -1, -3, 0])


@st.composite
def views(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Draw a view of that shape, its axes in any order in memory, each with a step of its own."""
    order = draw(st.permutations(range(len(shape))))
    step = [draw(steps) for _ in shape]
    stored = [max(1, length * abs(by)) if by else 1 for length, by in zip(shape, step, strict=True)]
    seed = draw(st.integers(0, 2**32 - 1))
    memory = np.random.default_rng(seed).normal(size=[stored[axis] for axis in order]).astype("float32")
    view = memory.transpose(np.argsort(order))
    view = view[tuple(slice(None, None, by or None) for by in step)]
    view = view[tuple(slice(length) for length in shape)]
    return np.broadcast_to(view, shape)


@st.composite
def products(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    batch = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    m, n, p = draw(sizes), draw(sizes), draw(sizes)
    return draw(views((*batch, m, n))), draw(views((*batch, n, p)))


@drawn
@given(products())
def test_matmul_of_any_views_gives_numpys_product(operands: tuple[np.ndarray, np.ndarray]) -> None:
    check(*operands)


@pytest.mark.parametrize(
    ("m", "n", "p"),
    [
        (97, 130, 97),  # from 97 on, both operands are packed
        (150, 1030, 40),  # summed in several goes
        (20, 600, 2100),  # columns in several goes
        (300, 300, 300),  # shared by the threads
        (1, 700, 900),
        (900, 700, 1),
        (5, 3, 40_000),
    ],
)
@pytest.mark.parametrize("turned", ["neither", "a", "b", "both"])
def test_matmul_of_larger_matrices_gives_numpys_product(m: int, n: int, p: int, turned: str) -> None:
    rng = np.random.default_rng(m + n + p)
    a, b = rng.normal(size=(m, n)).astype("float32"), rng.normal(size=(n, p)).astype("float32")
    check(turn(a) if turned in ("a", "both") else a, turn(b) if turned in ("b", "both") else b)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads_gives_the_same_product(threads: int) -> None:
    before = fast.num_threads()
    fast.set_num_threads(threads)
    try:
        assert fast.num_threads() == threads
        rng = np.random.default_rng(threads)
        check(rng.normal(size=(260, 270)).astype("float32"), rng.normal(size=(270, 280)).astype("float32"))
        check(
            rng.normal(size=(90, 20, 30)).astype("float32"), rng.normal(size=(90, 30, 25)).astype("float32")
        )
        check(
            rng.normal(size=(3, 400, 400)).astype("float32"), rng.normal(size=(3, 400, 400)).astype("float32")
        )
    finally:
        fast.set_num_threads(before)


def test_products_in_several_python_threads_at_once_are_all_right() -> None:
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            for size in (30, 130, 260):
                check(*rng.normal(size=(2, size, size)).astype("float32"))
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


def test_a_stack_times_one_matrix_is_one_product() -> None:
    rng = np.random.default_rng(0)
    stack, matrix = rng.normal(size=(2, 3, 4, 5)).astype("float32"), rng.normal(size=(5, 6)).astype("float32")
    check(stack, np.broadcast_to(matrix, (2, 3, 5, 6)))
    check(stack[:, ::-1], np.broadcast_to(matrix, (2, 3, 5, 6)))
    rows = rng.normal(size=(7, 1, 5)).astype("float32")
    check(rows[::2], np.broadcast_to(matrix, (4, 5, 6)))


def test_a_product_over_nothing_is_zero() -> None:
    assert (product(np.ones((3, 0), "float32"), np.ones((0, 4), "float32")) == np.zeros((3, 4))).all()


def test_infinities_and_nans_stay_in_their_rows_and_columns() -> None:
    a, b = np.ones((33, 35), "float32"), np.ones((35, 37), "float32")
    a[4, 5], b[6, 7] = np.inf, np.nan
    expected = np.full((33, 37), 35.0)
    expected[4] = np.inf
    expected[:, 7] = np.nan
    np.testing.assert_array_equal(product(a, b), expected)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"m": 5}, "reaches from element 0 to 14 of an array of 12"),
        ({"n": 4}, "reaches from element"),
        ({"p": 6}, "reaches from element"),
        ({"a_offset": 1}, "reaches from element 1 to 12"),
        ({"b_offset": -1}, "reaches from element -1"),
        ({"b_strides": (5, -1)}, "reaches from element -4"),
        ({"a_strides": (2**62, 2**62)}, "reaches from element"),
        ({"batch_shape": (2,), "a_strides": (1, 3, 1), "b_strides": (0, 5, 1)}, "to 12 of an array of 12"),
    ],
)
def test_matmul_refuses_a_view_that_leaves_its_array(change: dict[str, Any], text: str) -> None:
    with pytest.raises(IndexError, match=f"matmul: .*{text}"):
        fast.matmul(*arguments(**change))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"a_strides": (3,)}, ValueError, "a has 1 strides for 2 dimensions. Expected one each"),
        ({"batch_shape": (2,)}, ValueError, "a has 2 strides for 3 dimensions"),
        ({"m": -1}, ValueError, "an axis is -1 long. Expected 0 or more"),
        ({"batch_shape": (1,) * 40}, ValueError, "has 40 dimensions. Expected at most 32"),
        ({"batch_shape": (1,) * 31}, ValueError, "has 31 dimensions. Expected at most 30"),
        ({"a": "no array"}, TypeError, "a is a str. Expected this module's Array"),
        ({"b_strides": [5, 1]}, TypeError, "b_strides is a list. Expected a tuple of int"),
        ({"n": 2.5}, TypeError, "n holds a float. Expected an int"),
        ({"n": 2**70}, TypeError, "n holds a int. Expected an int of 64 bits"),
    ],
)
def test_matmul_refuses_what_is_no_product_and_says_why(
    change: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        fast.matmul(*arguments(**change))


def test_matmul_of_too_few_arguments_is_refused() -> None:
    with pytest.raises(TypeError, match=r"matmul: 9 arguments. Expected 10, by position"):
        fast.matmul(*arguments()[:-1])


def test_a_product_too_large_for_memory_is_a_memory_error() -> None:
    with pytest.raises(MemoryError, match="bytes"):
        fast.matmul(*arguments(m=2**28, a_strides=(0, 1), p=2**28, b_strides=(5, 0)))


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_other_instruction_sets_pass_these_tests(isa: str) -> None:
    if isa == fast.isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "gives_numpys_product or over_nothing or infinities")


@pytest.mark.parametrize("threads", [0, -1, 1025])
def test_set_num_threads_refuses_what_is_no_number_of_threads(threads: int) -> None:
    with pytest.raises(ValueError, match=f"set_num_threads: {threads} threads. Expected 1 to 1024"):
        fast.set_num_threads(threads)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    program = """
import os, sys
import test_gemm as tests
a, b = tests.np.random.default_rng(0).normal(size=(2, 300, 300)).astype("float32")
tests.fast.set_num_threads(2)
tests.check(a, b)
child = os.fork()
if not child:
    tests.check(b, a)
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": path}, timeout=60, check=False
    )
    assert done.returncode == 0


def check(a: np.ndarray, b: np.ndarray) -> None:
    """Compare with a product in float64: n roundings at most, of sums no larger than that of the sizes."""
    exact = np.matmul(a.astype("float64"), b.astype("float64"))
    sizes = np.matmul(abs(a.astype("float64")), abs(b.astype("float64")))
    out = product(a, b)
    assert out.shape == exact.shape
    assert (abs(out - exact) <= ROUNDING * (a.shape[-1] + 1) * sizes).all()


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    *batch, m, n = a.shape
    shape = (*batch, m, b.shape[-1])
    out = fast.matmul(*placed(a), *placed(b), tuple(batch), m, n, b.shape[-1])
    strides = [stride // 4 for stride in np.empty(shape, "float32").strides]
    return backend.to_numpy(out, list(shape), strides, 0)


def placed(view: np.ndarray) -> tuple[Any, tuple[int, ...], int]:
    """Copy a view's memory to the backend, and return its handle, the view's strides and its offset."""
    memory = view
    while isinstance(memory.base, np.ndarray):
        memory = memory.base
    handle = backend.Array(memory.size)
    backend.from_numpy(memory.reshape(-1), handle)
    offset = (view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]) // 4
    return handle, tuple(stride // 4 for stride in view.strides), offset if view.size else 0


def turn(matrix: np.ndarray) -> np.ndarray:
    """Return the same matrix, its columns one after the other in memory."""
    return np.ascontiguousarray(matrix.T).T


def arguments(**change: Any) -> list[Any]:
    """Return those of a product (4 x 3) @ (3 x 5) of compact matrices, changed as told."""
    values = {
        "a": backend.Array(12), "a_strides": (3, 1), "a_offset": 0,
        "b": backend.Array(15), "b_strides": (5, 1), "b_offset": 0,
        "batch_shape": (), "m": 4, "n": 3, "p": 5,
    }  # fmt: skip
    return list((values | change).values())
