"""Element by element: operators, comparisons and functions beside NumPy's, on views and with broadcasting."""

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import (
    assert_near,
    assert_same,
    counted,
    numbers,
    on_device,
    on_every_device,
    on_numpy,
    seeds,
    shapes,
    small,
    views,
)

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import DeviceError, DTypeError, ShapeError

OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
ODD = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5, 1e-40, 3e38], dtype="float32")


@st.composite
def _broadcast_pairs(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    whole = draw(shapes)
    pair = []
    for _ in range(2):
        sides = tuple(draw(st.sampled_from([1, side])) for side in whole)
        pair.append(sides[draw(st.integers(0, len(sides))) :])
    return pair[0], pair[1]


@on_every_device
@small
@given(name=st.sampled_from(sorted(OPERATORS)), pair=_broadcast_pairs(), seed=seeds)
def test_two_arrays_broadcast_as_numpys(
    device: BackendDevice, name: str, pair: tuple[Any, Any], seed: int
) -> None:
    a, b = (np.round(numbers(shape, seed + at)) for at, shape in enumerate(pair))
    with np.errstate(all="ignore"):
        expected = OPERATORS[name](a, b)
    found = OPERATORS[name](NDArray(a, device=device), NDArray(b, device=device))
    assert_near(found, expected.astype("float32"), 3e-7)


@on_every_device
@small
@given(name=st.sampled_from(sorted(OPERATORS)), view=views(), other=views(), seed=seeds)
def test_views_are_taken_as_they_are(
    device: BackendDevice, name: str, view: Any, other: Any, seed: int
) -> None:
    (shape, steps), (other_shape, _) = view, other
    a, whole = numbers(shape, seed), numbers(other_shape, seed + 1)
    left = on_numpy(a, steps)
    right = np.broadcast_to(whole.reshape(-1)[0], left.shape)
    ours = on_device(NDArray(a, device=device), steps)
    row = NDArray(whole, device=device).as_strided((), ()).broadcast_to(left.shape)
    assert_near(OPERATORS[name](ours, row), OPERATORS[name](left, right), 3e-7)
    assert_near(OPERATORS[name](row, ours), OPERATORS[name](right, left), 3e-7)


@on_every_device
@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("number", [0, 2.0, -1.5, True, np.float64(0.1), np.int64(3), np.nan])
def test_a_number_on_either_side_is_a_number(device: BackendDevice, name: str, number: Any) -> None:
    a, one = numbers((3, 4)), np.float32(np.asarray(number).item())
    ours = NDArray(a, device=device).permute((1, 0))
    with np.errstate(all="ignore"):
        assert_near(OPERATORS[name](ours, number), OPERATORS[name](a.T, one), 3e-7)
        assert_near(OPERATORS[name](number, ours), OPERATORS[name](one, a.T), 5e-7)


@on_every_device
@pytest.mark.parametrize("name", OPERATORS)
def test_infinities_and_what_is_no_number_are_as_numpys(device: BackendDevice, name: str) -> None:
    a, b = ODD[:, None], ODD[None, :]
    with np.errstate(all="ignore"):
        expected = OPERATORS[name](a, b).astype("float32")
        found = OPERATORS[name](NDArray(a, device=device), NDArray(b, device=device))
    np.testing.assert_allclose(found.numpy(), expected, rtol=3e-7, atol=2e-38)


@on_every_device
@small
@given(shape=shapes, seed=seeds, exponent=st.sampled_from([-2, -1, -0.5, 0, 0.5, 1, 2, 3, 1.7]))
def test_powers_are_numpys(device: BackendDevice, shape: Any, seed: int, exponent: float) -> None:
    base = np.abs(numbers(shape, seed)) + np.float32(0.1)
    powers = numbers(shape, seed + 1)
    ours, others = NDArray(base, device=device), NDArray(powers, device=device)
    assert_near(ours**exponent, base ** np.float32(exponent), 2e-6)
    assert_near(ours**others, base**powers, 2e-6)
    assert_near(2**others, np.float32(2) ** powers, 2e-6)
    assert_near(nd.sqrt(ours), np.sqrt(base), 2e-7)


@on_every_device
def test_a_power_of_a_negative_base_is_numpys(device: BackendDevice) -> None:
    a = np.array([-2.0, -0.5, 0.0, 3.0], dtype="float32")
    with np.errstate(all="ignore"):
        for exponent in (-3, -1, 0, 1, 2, 3, 4, 0.5):
            expected = a ** np.float32(exponent)
            assert_near(NDArray(a, device=device) ** exponent, expected, 1e-6)


@on_every_device
@small
@given(name=st.sampled_from(["log", "exp", "tanh", "negative"]), view=views(shapes), seed=seeds)
def test_functions_are_numpys(device: BackendDevice, name: str, view: Any, seed: int) -> None:
    shape, steps = view
    a = np.abs(numbers(shape, seed)) + np.float32(0.1)
    ours = getattr(nd, name)(on_device(NDArray(a, device=device), steps))
    assert_near(ours, getattr(np, name)(on_numpy(a, steps)), 5e-7)


@on_every_device
def test_functions_of_odd_numbers_are_numpys(device: BackendDevice) -> None:
    with np.errstate(all="ignore"):
        for name in ("log", "exp", "tanh"):
            found, expected = getattr(nd, name)(NDArray(ODD, device=device)), getattr(np, name)(ODD)
            np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=2e-38)


@on_every_device
@small
@given(pair=_broadcast_pairs(), seed=seeds)
def test_the_maximum_of_two_is_numpys(device: BackendDevice, pair: Any, seed: int) -> None:
    a, b = (numbers(shape, seed + at) for at, shape in enumerate(pair))
    ours = NDArray(a, device=device)
    assert_same(nd.maximum(ours, NDArray(b, device=device)), np.maximum(a, b))
    assert_same(nd.maximum(ours, 0), np.maximum(a, 0))
    assert_same(nd.maximum(0.5, ours), np.maximum(a, np.float32(0.5)))


@on_every_device
def test_numpys_arrays_and_scalars_may_stand_on_either_side(device: BackendDevice) -> None:
    a, b = numbers((3, 2)), numbers((2,), 1)
    ours = NDArray(a, device=device)
    for operation in OPERATORS.values():
        assert_near(operation(ours, b), operation(a, b).astype("float32"), 5e-7)
        assert_near(operation(b, ours), operation(b, a).astype("float32"), 5e-7)
    assert (np.float32(2) * ours).device == device
    assert_near(np.ones((2, 3), dtype="float32") @ ours, np.ones((2, 3)) @ a)


@on_every_device
def test_functions_under_numpys_names_give_numpys_results(device: BackendDevice) -> None:
    a, b = counted((2, 3)), numbers((2, 3))
    x, y = NDArray(a, device=device), NDArray(b, device=device)
    for name in ("add", "subtract", "multiply", "divide", "power"):
        left, right = (np.abs(a), b) if name == "power" else (a, b)
        assert_near(getattr(nd, name)(x, y), getattr(np, name)(left, right))
    assert_same(nd.where(y > 0, x, 0), np.where(b > 0, a, 0))
    assert_same(nd.where(y > 0, -1, x), np.where(b > 0, -1, a))
    assert_same(nd.expand_dims(x, 1), a[:, None])
    assert_same(nd.expand_dims(x, -1), a[..., None])
    assert_same(nd.zeros_like(x), np.zeros((2, 3)))
    assert_same(nd.ones_like(x), np.ones((2, 3)))
    assert_same(nd.ones((2,), device=device), np.ones(2))
    assert_same(nd.array(x[:, 1:]), a[:, 1:])
    assert_same(x.T, a.T)
    assert_same(x.transpose(), a.T)
    assert_same(x.transpose((1, 0)), a.T)
    assert_same(x.transpose(1, 0), a.T)
    assert_same(nd.transpose(x, (-1, 0)), a.T)
    assert_same(x.swapaxes(0, -1), a.T)
    assert_same(nd.broadcast_to(x[:, :1], (2, 3)), np.broadcast_to(a[:, :1], (2, 3)))
    assert {one.device for one in (nd.where(x, x, x), nd.zeros_like(x), nd.array(x))} == {device}


def test_array_never_shares_memory_and_takes_what_numpy_takes() -> None:
    a = nd.array([[1, 2], [3, 4]])
    copy = nd.array(a)
    copy.fill(0)
    assert_same(a, [[1, 2], [3, 4]])
    assert nd.array(5).shape == ()
    assert nd.array([]).shape == (0,)
    assert (a.dtype, str(a), float(a[1, 1])) == ("float32", "[[1. 2.]\n [3. 4.]]", 4.0)
    assert repr(a).startswith("NDArray([[1. 2.]")


@pytest.mark.parametrize(
    ("refused", "error", "text"),
    [
        (
            lambda a: a + nd.array([1.0, 2.0]),
            ShapeError,
            "ewise_add: a is (2, 3), b is (2,). Expected axes",
        ),
        (lambda a: a * np.ones((3, 3)), ShapeError, "ewise_mul: a is (2, 3), b is (3, 3)."),
        (lambda a: a + "1", DTypeError, "scalar_add: found str. Expected a number or an NDArray."),
        (lambda a: a / None, DTypeError, "scalar_div: found NoneType. Expected a number"),
        (lambda a: a == [1, 2], DTypeError, "scalar_eq: found list. Expected a number or an NDArray."),
        (lambda a: a.ewise_or_scalar(1j, "ewise_add", "scalar_add"), DTypeError, "found complex."),
        (
            lambda a: nd.array(a, dtype="float64"),
            DTypeError,
            "NDArray: found dtype float64. Expected",
        ),
        (lambda a: nd.array(["a"]), DTypeError, "NDArray: found dtype <U1. Expected numbers or booleans."),
        (lambda a: nd.array([1j]), DTypeError, "NDArray: found dtype complex"),
        (lambda a: nd.full((2,), 1, dtype="complex64"), DTypeError, "NDArray: found dtype complex64."),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(
    refused: Callable[[NDArray], Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        refused(nd.array(counted((2, 3))))


@on_every_device
def test_arrays_of_two_devices_are_refused_with_both_names(device: BackendDevice) -> None:
    a = NDArray(counted((2, 2)), device=device)
    for other in (one for one in nd.all_devices() if one.enabled() and one != device):
        b = a.to(other)
        assert_same(b, a.numpy())
        assert b.to(other) is b
        for operation in (operator.add, operator.matmul, operator.ge):
            with pytest.raises(DeviceError, match=f"lies on {device.name}.*, the other on {other.name}"):
                operation(a, b)


@on_every_device
def test_unsigned_numbers_of_numpy_are_taken_for_what_they_are(device: BackendDevice) -> None:
    a = NDArray([1, 5], device=device)
    three = np.uint8(3)
    assert_same(a - three, [-2, 2])
    assert_same(a - np.array([3, 3], dtype="uint8"), [-2, 2])
    assert_same(a <= three, [1, 0])
    assert_same(a < three, [1, 0])
    with pytest.raises(DTypeError, match=r"found list\. Expected a number or an NDArray"):
        a - [1]
