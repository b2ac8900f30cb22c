"""The fast CUDA kernels give NumPy's results for views of any shape, strides and offset."""

import importlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_calls.drawing import BINARY, UNARY
from numpy.typing import NDArray

EXAMPLES = int(os.environ.get("NEEDLE_TEST_EXAMPLES", "60"))
DRAWN = settings(derandomize=True, deadline=None, database=None, max_examples=EXAMPLES)
FUNCTIONS = {"compact": np.copy, **UNARY}
Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def cuda() -> Any:
    try:
        module = importlib.import_module(os.environ.get("NEEDLE_TEST_KERNELS", "ndarray_backend_cuda"))
        module.Array(1)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"needs a GPU and the CUDA backend built for it: {error}")
    return module


@dataclass
class View:
    """A NumPy view, and the same on the device."""

    array: Array
    handle: Any
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @property
    def placed(self) -> tuple[Any, tuple[int, ...], int]:
        return self.handle, self.strides, self.offset

    @property
    def shaped(self) -> tuple[Any, tuple[int, ...], tuple[int, ...], int]:
        return self.handle, self.shape, self.strides, self.offset


def upload(cuda: Any, view: Array, base: Array | None = None) -> View:
    """Put the memory of a view, or of the array it is a view of, on the device."""
    base = view if base is None else base
    base = np.ascontiguousarray(base)
    handle = cuda.Array(base.size)
    if base.size:
        cuda.from_numpy(base, handle)
    offset = 0 if view.size == 0 or base is view else (view.ctypes.data - base.ctypes.data) // 4
    return View(view, handle, view.shape, tuple(stride // 4 for stride in view.strides), offset)


def whole(cuda: Any, array: Any) -> View:
    return upload(cuda, np.ascontiguousarray(array, dtype=np.float32))


def download(cuda: Any, handle: Any, shape: tuple[int, ...]) -> Array:
    strides = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    assert handle.size == np.prod(shape)
    result: Array = cuda.to_numpy(handle, list(shape), strides, 0)
    return result


def numbers(shape: tuple[int, ...], seed: int = 0) -> Array:
    """Draw numbers of both signs, some of them equal."""
    return np.asarray(np.random.default_rng(seed).integers(-40, 41, size=shape) / 8, dtype=np.float32)


@st.composite
def recipes(draw: st.DrawFn, max_dims: int = 4) -> tuple[Array, Array]:
    """Draw an array and a view of it: permuted, with steps and the other way round, or repeated."""
    lengths = st.sampled_from([0, 1, 1, 2, 3, 4, 5, 8, 12, 17, 33, 36])
    shape = tuple(draw(st.lists(lengths, max_size=max_dims)))
    while np.prod(shape) > 20_000:
        shape = shape[1:]
    base = numbers(shape, draw(st.integers(0, 99)))
    view = base.transpose(draw(st.permutations(range(len(shape)))))
    steps = [draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2])) for _ in shape]
    starts = [draw(st.sampled_from([0, 0, 0, 1, 4])) if step > 0 else None for step in steps]
    view = view[(..., *(slice(start, None, step) for start, step in zip(starts, steps, strict=True)))]
    for axis, length in enumerate(view.shape):
        if length == 1 and draw(st.booleans()):
            repeats = (*view.shape[:axis], draw(st.sampled_from([2, 4, 9, 32])), *view.shape[axis + 1 :])
            if np.prod(repeats) <= 20_000:
                view = np.broadcast_to(view, repeats)
    return base, view


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """Draw two views of one shape, and their arrays: any view, and one that is turned or repeats itself."""
    base, view = draw(recipes())
    keep = [draw(st.sampled_from([True, True, False])) for _ in view.shape]
    order = draw(st.permutations(range(view.ndim)))
    lengths = [view.shape[axis] if keep[axis] else 1 for axis in order]
    other = numbers(tuple(lengths), draw(st.integers(0, 99)))
    turned = other.transpose(np.argsort(order)) if order else other
    return base, view, other, np.broadcast_to(turned, view.shape)


def quietly(function: Callable[..., Any], *arguments: Any) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(function(*arguments), dtype=np.float32)


@DRAWN
@given(recipe=recipes(), name=st.sampled_from(sorted(FUNCTIONS)))
def test_a_function_of_any_view_equals_numpys(cuda: Any, recipe: tuple[Array, Array], name: str) -> None:
    base, view = recipe
    result = getattr(cuda.fast, name)(*upload(cuda, view, base).shaped)
    expected = quietly(FUNCTIONS[name], view)
    np.testing.assert_allclose(download(cuda, result, view.shape), expected, rtol=5e-7)


@DRAWN
@given(pair=pairs(), name=st.sampled_from(sorted(BINARY)), turn=st.booleans())
def test_an_operation_on_any_two_views_equals_numpys(
    cuda: Any, pair: tuple[Array, Array, Array, Array], name: str, turn: bool
) -> None:
    a, b = upload(cuda, pair[1], pair[0]), upload(cuda, pair[3], pair[2])
    a, b = (b, a) if turn else (a, b)
    result = getattr(cuda.fast, "ewise_" + name)(*a.placed, *b.placed, a.shape)
    expected = quietly(BINARY[name], a.array, b.array)
    np.testing.assert_allclose(download(cuda, result, a.shape), expected, rtol=1e-6)


@DRAWN
@given(
    recipe=recipes(),
    name=st.sampled_from([*sorted(BINARY), "rsub", "rdiv", "rpower"]),
    number=st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 1.75, 2.0, 3.0]),
)
def test_an_operation_on_a_view_and_a_number_equals_numpys(
    cuda: Any, recipe: tuple[Array, Array], name: str, number: float
) -> None:
    base, view = recipe
    result = getattr(cuda.fast, "scalar_" + name)(*upload(cuda, view, base).shaped, number)
    operation, other = BINARY[name.removeprefix("r")], np.float32(number)
    expected = quietly(operation, *((other, view) if name.startswith("r") else (view, other)))
    np.testing.assert_allclose(download(cuda, result, view.shape), expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(33, 65), (8, 200), (3, 40, 31), (40, 3, 70), (2, 3, 32, 9)])
def test_turned_operands_equal_numpys(cuda: Any, shape: tuple[int, ...]) -> None:
    straight = whole(cuda, numbers(shape, 1))
    for axis in range(len(shape) - 1):
        order = list(range(len(shape)))
        order[axis], order[-1] = order[-1], order[axis]
        other = numbers(tuple(shape[at] for at in order), 2)
        turned = upload(cuda, other.transpose(order), other)
        compact = cuda.fast.compact(*turned.shaped)
        np.testing.assert_array_equal(download(cuda, compact, shape), turned.array)
        for a, b in [(straight, turned), (turned, straight), (turned, turned)]:
            result = cuda.fast.ewise_sub(*a.placed, *b.placed, shape)
            np.testing.assert_array_equal(download(cuda, result, shape), a.array - b.array)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1023, 1024, 2047, 2051])
@pytest.mark.parametrize("offset", [0, 1, 4])
def test_sizes_and_offsets_that_four_does_not_divide_are_computed_in_full(
    cuda: Any, size: int, offset: int
) -> None:
    base = numbers((size + offset,))
    a, b = upload(cuda, base[offset:], base), whole(cuda, numbers((size,), 1))
    result = cuda.fast.ewise_add(*a.placed, *b.placed, (size,))
    np.testing.assert_array_equal(download(cuda, result, (size,)), a.array + b.array)
    repeated = cuda.fast.ewise_mul(*a.placed, b.handle, (0,), size - 1, (size,))
    np.testing.assert_array_equal(download(cuda, repeated, (size,)), a.array * b.array[-1])


def test_nan_and_infinities_are_numpys(cuda: Any) -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e-42], dtype=np.float32)
    left, right = (array.ravel() for array in np.meshgrid(special, special))
    a, b = whole(cuda, left), whole(cuda, right)
    for name, operation in BINARY.items():
        result = getattr(cuda.fast, "ewise_" + name)(*a.placed, *b.placed, a.shape)
        np.testing.assert_allclose(
            download(cuda, result, a.shape), quietly(operation, left, right), rtol=1e-6, err_msg=name
        )
    for name, function in FUNCTIONS.items():
        result = getattr(cuda.fast, name)(*a.shaped)
        np.testing.assert_allclose(
            download(cuda, result, a.shape), quietly(function, left), rtol=1e-6, err_msg=name
        )


@DRAWN
@given(recipe=recipes(), data=st.data())
def test_assign_writes_a_view_and_nothing_beside_it(
    cuda: Any, recipe: tuple[Array, Array], data: st.DataObject
) -> None:
    _, source = recipe
    order = data.draw(st.permutations(range(source.ndim)))
    padded = numbers(tuple(2 * source.shape[axis] + 1 for axis in order), 3)
    target = padded[(..., *(slice(1, None, 2),) * source.ndim)].transpose(
        np.argsort(order) if order else None
    )
    a, out = upload(cuda, source, recipe[0]), upload(cuda, target, padded)
    cuda.fast.assign(*a.placed, *out.placed, source.shape)
    target[...] = source
    np.testing.assert_array_equal(download(cuda, out.handle, padded.shape), padded)


def test_assign_between_views_that_overlap_copies_first(cuda: Any) -> None:
    array = numbers((300,))
    handle = whole(cuda, array).handle
    cuda.fast.assign(handle, (1,), 0, handle, (1,), 3, (297,))
    array[3:] = array[:-3].copy()
    np.testing.assert_array_equal(download(cuda, handle, (300,)), array)
    cuda.fast.assign(handle, (-1,), 299, handle, (1,), 0, (300,))
    np.testing.assert_array_equal(download(cuda, handle, (300,)), array[::-1])


@DRAWN
@given(recipe=recipes(), data=st.data())
def test_sums_and_maxima_over_any_axes_equal_numpys(
    cuda: Any, recipe: tuple[Array, Array], data: st.DataObject
) -> None:
    base, view = recipe
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, max(0, view.ndim - 1)))))) if view.ndim else ()
    kept = tuple(length for axis, length in enumerate(view.shape) if axis not in axes)
    a = upload(cuda, view, base)
    total = download(cuda, cuda.fast.reduce_sum(*a.shaped, axes), kept)
    np.testing.assert_allclose(total, view.sum(axis=axes, dtype=np.float64), rtol=1e-6, atol=1e-4)
    if view.size:
        largest = download(cuda, cuda.fast.reduce_max(*a.shaped, axes), kept)
        np.testing.assert_array_equal(largest, view.max(axis=axes))


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((100_003,), (0,)),
        ((7, 20_000), (1,)),
        ((20_000, 7), (0,)),
        ((3, 5_001, 4), (1,)),
        ((3, 5_001, 4), (0, 2)),
        ((4_000, 40), (0,)),
    ],
)
def test_long_reductions_are_exact_to_rounding_and_the_same_each_time(
    cuda: Any, shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    array = np.random.default_rng(0).uniform(size=shape).astype(np.float32)
    a = whole(cuda, array)
    kept = tuple(length for axis, length in enumerate(shape) if axis not in axes)
    total, again = (download(cuda, cuda.fast.reduce_sum(*a.shaped, axes), kept) for _ in range(2))
    np.testing.assert_allclose(total, array.sum(axis=axes, dtype=np.float64), rtol=1e-6)
    np.testing.assert_array_equal(total, again)
    largest = download(cuda, cuda.fast.reduce_max(*a.shaped, axes), kept)
    np.testing.assert_array_equal(largest, array.max(axis=axes))


def test_a_maximum_is_nan_where_an_element_is(cuda: Any) -> None:
    array = numbers((5, 700))
    array[[1, 3], [0, 699]] = np.nan
    largest = cuda.fast.reduce_max(*whole(cuda, array).shaped, (1,))
    np.testing.assert_array_equal(download(cuda, largest, (5,)), array.max(axis=1))


def test_a_sum_of_nothing_is_0_and_a_maximum_of_nothing_is_refused(cuda: Any) -> None:
    empty = cuda.Array(0)
    total = cuda.fast.reduce_sum(empty, (3, 0, 2), (0, 2, 1), 0, (1,))
    np.testing.assert_array_equal(download(cuda, total, (3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="no maximum over an axis that holds nothing"):
        cuda.fast.reduce_max(empty, (3, 0, 2), (0, 2, 1), 0, (1,))


def product(cuda: Any, a: View, b: View) -> Array:
    """Multiply matrices, or batches of one shape of them."""
    (*batch, m, n), p = a.shape, b.shape[-1]
    handle = cuda.fast.matmul(*a.placed, *b.placed, tuple(batch), m, n, p)
    return download(cuda, handle, (*batch, m, p))


def with_layout(cuda: Any, array: Array, layout: str) -> View:
    """Return a matrix, or a batch, whose rows or columns lie as the layout says."""
    if layout == "rows":
        return whole(cuda, array)
    if layout == "columns":
        base = np.ascontiguousarray(array.swapaxes(-1, -2))
        return upload(cuda, base.swapaxes(-1, -2), base)
    base = np.zeros((*array.shape[:-1], 2 * array.shape[-1] + 1), dtype=np.float32)  # every other, backwards
    view = base[..., ::-2][..., : array.shape[-1]]
    view[...] = array
    return upload(cuda, view, base)


@pytest.mark.parametrize("layout_a", ["rows", "columns", "strided"])
@pytest.mark.parametrize("layout_b", ["rows", "columns", "strided"])
@pytest.mark.parametrize(
    ("m", "n", "p"), [(1, 1, 1), (5, 17, 3), (128, 16, 128), (130, 33, 132), (64, 100, 257), (3, 0, 4)]
)
def test_matmul_of_any_sizes_and_strides_equals_numpys(
    cuda: Any, m: int, n: int, p: int, layout_a: str, layout_b: str
) -> None:
    a, b = with_layout(cuda, numbers((m, n), 1), layout_a), with_layout(cuda, numbers((n, p), 2), layout_b)
    expected = a.array.astype(np.float64) @ b.array
    np.testing.assert_allclose(product(cuda, a, b), expected, rtol=1e-5, atol=1e-5 * (n + 1))


@pytest.mark.parametrize("n", [255, 1000, 4096])
def test_matmul_of_few_rows_and_a_long_sum_equals_numpys(cuda: Any, n: int) -> None:
    a, b = whole(cuda, numbers((9, n), 1)), whole(cuda, numbers((n, 5), 2))
    np.testing.assert_array_equal(product(cuda, a, b), a.array.astype(np.float64) @ b.array)


def test_matmul_of_batches_that_repeat_and_are_turned_equals_numpys(cuda: Any) -> None:
    base = numbers((3, 20, 2, 30), 1)
    a = upload(cuda, base.transpose(2, 0, 1, 3), base)
    other = numbers((3, 1, 30, 10), 2).reshape(3, 30, 10)
    b = upload(cuda, np.broadcast_to(other, (2, 3, 30, 10)), other)
    np.testing.assert_array_equal(product(cuda, a, b), a.array.astype(np.float64) @ b.array)


def rounded(array: Array, bits: int, to_even: bool) -> Array:
    """Leave that many bits after the binary point."""
    drop = 23 - bits
    whole_bits = array.view(np.uint32).astype(np.uint64)
    half = (1 << (drop - 1)) - (1 - ((whole_bits >> drop) & 1) if to_even else 0)
    kept = ((whole_bits + half) >> drop << drop).astype(np.uint32)
    return np.where(np.isfinite(array), kept.view(np.float32), array)


@pytest.fixture
def precision(cuda: Any) -> Iterator[Callable[[str], None]]:
    yield cuda.fast.set_matmul_precision
    cuda.fast.set_matmul_precision("highest")


@pytest.mark.parametrize(("name", "bits", "to_even"), [("high", 10, False), ("medium", 7, True)])
@pytest.mark.parametrize(("m", "n", "p"), [(64, 64, 64), (130, 67, 259), (70, 1100, 65)])
@pytest.mark.parametrize("layouts", [("rows", "rows"), ("columns", "strided"), ("strided", "columns")])
def test_matmul_on_tensor_cores_rounds_its_inputs_and_no_more(
    cuda: Any,
    precision: Callable[[str], None],
    name: str,
    bits: int,
    to_even: bool,
    m: int,
    n: int,
    p: int,
    layouts: tuple[str, str],
) -> None:
    draw = np.random.default_rng(0)
    a = with_layout(cuda, draw.normal(size=(m, n)).astype(np.float32), layouts[0])
    b = with_layout(cuda, draw.normal(size=(n, p)).astype(np.float32), layouts[1])
    precision(name)
    result = product(cuda, a, b)
    exact = [np.ascontiguousarray(view.array) for view in (a, b)]
    left, right = (rounded(array, bits, to_even).astype(np.float64) for array in exact)
    np.testing.assert_allclose(result, left @ right, rtol=1e-5, atol=1e-5 * math.sqrt(n))


def test_matmul_on_tensor_cores_takes_batches_and_keeps_nan_and_infinity(
    cuda: Any, precision: Callable[[str], None]
) -> None:
    base = numbers((2, 64, 70), 1)
    base[0, 3, 5], base[1, 8, 0] = np.nan, np.inf
    a, b = whole(cuda, base), whole(cuda, np.abs(numbers((70, 64), 2)) + 1)
    repeated = View(np.broadcast_to(b.array, (2, 70, 64)), b.handle, (2, 70, 64), (0, 64, 1), 0)
    expected = quietly(np.matmul, a.array.astype(np.float64), b.array)
    for name in ("high", "medium"):
        precision(name)
        np.testing.assert_allclose(product(cuda, a, repeated), expected, rtol=1e-6)  # 7 bits hold the inputs


def test_an_unknown_precision_is_refused_in_words(cuda: Any) -> None:
    with pytest.raises(ValueError, match='"low" is no precision'):
        cuda.fast.set_matmul_precision("low")
    assert cuda.fast.matmul_precision() == "highest"


def test_views_that_leave_their_array_are_refused_before_a_kernel_runs(cuda: Any) -> None:
    a, fast = cuda.Array(12), cuda.fast
    with pytest.raises(IndexError, match="reaches from element 0 to 12 of an array of 12"):
        fast.exp(a, (13,), (1,), 0)
    with pytest.raises(IndexError, match="reaches from element -1 to 0"):
        fast.ewise_add(a, (1,), 0, a, (-1,), 0, (2,))
    with pytest.raises(IndexError, match="to 15"):
        fast.assign(a, (1,), 0, a, (5,), 0, (4,))
    with pytest.raises(IndexError, match="to 12"):
        fast.reduce_sum(a, (4, 3), (3, 1), 1, (0,))
    with pytest.raises(IndexError, match="to 15"):
        fast.matmul(a, (4, 1), 0, a, (4, 1), 0, (), 3, 4, 4)
    with pytest.raises(ValueError, match="holds 2 at place 0"):
        fast.reduce_max(a, (4, 3), (3, 1), 0, (2,))


def test_freed_memory_is_kept_for_the_next_array_and_given_back_when_asked(cuda: Any) -> None:
    fast = cuda.fast
    fast.empty_cache()
    before = fast.allocated_bytes()
    array = cuda.Array(1_000_000)
    address, taken = array.ptr(), fast.allocated_bytes() - before
    assert taken >= 4_000_000
    del array
    assert (fast.allocated_bytes(), fast.kept_bytes()) == (before, taken)
    array = cuda.Array(999_999)
    assert array.ptr() == address
    del array
    fast.empty_cache()
    assert fast.kept_bytes() == 0


def test_too_large_an_array_is_a_memory_error_that_says_how_large(cuda: Any) -> None:
    with pytest.raises(MemoryError, match=str(2**52)):
        cuda.Array(2**50)


def test_kernels_on_another_stream_wait_and_use_memory_in_order(cuda: Any) -> None:
    fast, array = cuda.fast, numbers((50_000,))
    stream = fast.Stream()
    assert fast.set_stream(stream) is None
    try:
        a = whole(cuda, array)
        for _ in range(20):
            a.handle = fast.scalar_add(*a.shaped, 1.0)
    finally:
        assert fast.set_stream(None) is stream
    other = fast.Stream()
    other.wait_for(stream)
    fast.set_stream(other)
    try:
        doubled = fast.ewise_add(*a.placed, *a.placed, a.shape)
        del a
    finally:
        fast.set_stream(None)
    other.synchronize()
    np.testing.assert_array_equal(download(cuda, doubled, array.shape), 2 * (array + 20))
