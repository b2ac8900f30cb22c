"""Matrix products: any sizes, stacks that broadcast, views of any strides."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import assert_near, numbers, on_every_device, seeds, small

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import ShapeError

sizes = st.integers(0, 20) | st.sampled_from([8, 16, 24, 64])  # among them multiples of every tile


@on_every_device
@small
@given(m=sizes, n=sizes, p=sizes, seed=seeds, turned=st.tuples(st.booleans(), st.booleans()))
def test_a_product_is_numpys_also_of_transposes(
    device: BackendDevice, m: int, n: int, p: int, seed: int, turned: tuple[bool, bool]
) -> None:
    a, b = numbers((m, n), seed), numbers((n, p), seed + 1)
    left = NDArray(a.T, device=device).T if turned[0] else NDArray(a, device=device)
    right = NDArray(b.T, device=device).T if turned[1] else NDArray(b, device=device)
    assert_near(left @ right, a.astype("float64") @ b)


@on_every_device
@small
@given(data=st.data(), batch=st.lists(st.integers(0, 3), max_size=2), seed=seeds)
def test_stacks_broadcast_as_numpys(
    device: BackendDevice, data: st.DataObject, batch: list[int], seed: int
) -> None:
    m, n, p = (data.draw(st.integers(1, 9)) for _ in range(3))
    arrays = []
    for at, matrix in enumerate(((m, n), (n, p))):
        stacked = [data.draw(st.sampled_from([1, side])) for side in batch]
        arrays.append(numbers((*stacked[data.draw(st.integers(0, len(stacked))) :], *matrix), seed + at))
    a, b = arrays
    found = NDArray(a, device=device) @ NDArray(b, device=device)
    assert_near(found, np.matmul(a.astype("float64"), b))
    assert found.is_compact()


@on_every_device
def test_views_with_gaps_repeats_and_steps_backwards_are_multiplied(device: BackendDevice) -> None:
    a, b = numbers((12, 40)), numbers((40, 24), 1)
    x, y = NDArray(a, device=device), NDArray(b, device=device)
    assert_near(x[::-2, 3:35:2] @ y[20:4:-1, ::3], a[::-2, 3:35:2].astype("float64") @ b[20:4:-1, ::3])
    row = x[:1, :8].broadcast_to((16, 8))
    assert_near(row @ y[:8, :8], np.broadcast_to(a[:1, :8], (16, 8)) @ b[:8, :8])
    stack = numbers((5, 3, 4)).transpose(1, 2, 0)
    z = NDArray(numbers((5, 3, 4)), device=device).permute((1, 2, 0))
    assert_near(z @ z.permute((0, 2, 1)), np.einsum("kij,klj->kil", stack, stack))


@on_every_device
def test_an_empty_sum_of_products_is_0(device: BackendDevice) -> None:
    found = NDArray(np.ones((3, 0)), device=device) @ NDArray(np.ones((0, 8)), device=device)
    assert_near(found, np.zeros((3, 8)))


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        (
            (2, 3),
            (2, 3),
            "matmul: a is (2, 3), b is (2, 3). Expected (..., n, k) and (..., k, m), with one",
        ),
        ((3,), (3, 2), "matmul: a is (3,), b is (3, 2). Expected (..., n, k)"),
        ((2, 3), (3,), "matmul: a is (2, 3), b is (3,)."),
        ((2, 1, 1), (3, 1, 1), "matmul: a is (2,), b is (3,). Expected axes, aligned from the right"),
    ],
)
def test_shapes_that_do_not_go_together_are_refused(a: Any, b: Any, text: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(text)):
        nd.array(np.ones(a)) @ nd.array(np.ones(b))
