"""Lazy mode: nothing is computed before it is asked for, and then it is what eager mode computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from backend_tested import quickly
from hypothesis import given
from hypothesis import strategies as st
from op_table import ROWS, Call, Row

from needle import Tensor, autograd, ops
from needle.autograd import TensorOp
from needle.errors import ShapeError


@contextmanager
def lazily() -> Iterator[None]:
    before, autograd.LAZY_MODE = autograd.LAZY_MODE, True
    try:
        yield
    finally:
        autograd.LAZY_MODE = before


class Counted(TensorOp):
    """Double a tensor, and count how often that was computed."""

    def __init__(self) -> None:
        self.times = 0

    def compute(self, a: Any) -> Any:
        self.times += 1
        return a * 2

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return out_grad * 2


def test_nothing_is_computed_before_it_is_asked_for_and_then_only_once() -> None:
    op = Counted()
    with lazily():
        x = op(Tensor([1.0]))
        total = x + x
        assert (op.times, x.cached_data, total.cached_data) == (0, None, None)
        assert total.numpy() == 4
        assert total.shape == (1,)
        assert (op.times, float(x.cached_data[0])) == (1, 2)


def test_what_nobody_asked_for_is_never_computed() -> None:
    with lazily():
        used, unused = Counted(), Counted()
        x = Tensor([1.0])
        kept = unused(x)
        assert used(x).numpy() == 2
    assert (used.times, unused.times, kept.cached_data) == (1, 0, None)


def test_lazy_values_remember_their_op_also_when_nothing_requires_a_gradient() -> None:
    with lazily():
        made = Tensor([1.0], requires_grad=False) * 2
        assert not made.is_leaf()
        assert not made.requires_grad
        assert made.numpy() == 2


def derivatives(row: Row, call: Call) -> list[np.ndarray]:
    inputs = [Tensor(array) for array in row.arrays(call)]
    output = row.needle(call.setting, *inputs)
    (output * output).sum().backward()
    first = [one.grad for one in inputs]
    first[0].sum().backward()
    return [one.numpy() for one in (output, *first, *(one.grad for one in inputs))]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
@quickly
@given(data=st.data())
def test_values_and_derivatives_are_those_of_eager_mode(row: Row, data: st.DataObject) -> None:
    call = data.draw(row.call())
    expected = derivatives(row, call)
    with lazily():
        found = derivatives(row, call)
    for ours, eager in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, eager, strict=True)


def test_an_item_of_a_lazy_tuple_is_computed_when_asked_for() -> None:
    with lazily():
        x = Tensor([1.0])
        both = ops.fused_add_scalars(x, 1.0, 2.0)
        assert both.cached_data is None
        (both[0] * both[1]).backward()
        assert x.grad.numpy() == 5


def test_first_order_works_in_lazy_mode() -> None:
    with lazily(), autograd.first_order():
        x = Tensor([3.0])
        (x**3).backward()
        assert x.grad.numpy() == 27
        assert x.grad.is_leaf()


def test_a_wrong_shape_is_refused_when_the_value_is_asked_for() -> None:
    with lazily():
        total = Tensor([1.0]) + Tensor([1.0, 2.0])
        with pytest.raises(ShapeError, match=r"EWiseAdd: a is \(1,\), b is \(2,\)"):
            total.numpy()


def test_a_hundred_thousand_lazy_ops_are_computed_differentiated_and_freed_without_recursion() -> None:
    with lazily():
        x = value = Tensor([0.0])
        for _ in range(100_000):
            value = value + 1.0
        assert value.cached_data is None
        assert value.numpy() == 100_000
        with autograd.first_order():
            value.backward()
        assert x.grad.numpy() == 1
        del value
