"""Several tensors as one node: taking items, adding, fused sums, and the gradients of all of them."""

from typing import Any

import numpy as np
import pytest
from backend_tested import assert_close

from needle import Tensor, TensorTuple, ops
from needle.autograd import Value

A, B = np.array([1.0, -2.0]), np.array([[3.0], [4.0], [5.0]])


def fused(x: Tensor) -> TensorTuple:
    """Return a tuple whose items lie behind an op: (x + 2, x - 3)."""
    return ops.fused_add_scalars(x, 2.0, -3.0)


def test_a_tuple_has_a_length_items_from_both_ends_and_an_order() -> None:
    both = ops.make_tuple(Tensor(A), Tensor(B))
    assert len(both) == 2
    assert [one.shape for one in both] == [one.shape for one in both.tuple()] == [(2,), (3, 1)]
    np.testing.assert_array_equal(both[-1].numpy(), B)
    assert repr(both).startswith("needle.TensorTuple(needle.Tensor(")


def test_an_item_of_a_made_tuple_is_the_tensor_it_was_made_of() -> None:
    a = Tensor(A)
    assert ops.make_tuple(a, Tensor(B))[0] is a


def test_fused_sums_are_both_sums_and_their_gradients_add_up() -> None:
    x = Tensor(A)
    first, second = fused(x)
    np.testing.assert_array_equal(first.numpy(), A + 2)
    np.testing.assert_array_equal(second.numpy(), A - 3)
    (first * first + second * 10).backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * (A + 2) + 10)


@pytest.mark.parametrize("index", [0, 1, -1])
def test_an_item_that_nobody_used_gets_no_gradient(index: int) -> None:
    x = Tensor(A)
    item = fused(x)[index]
    (item * item).backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * item.numpy())


def test_gradients_of_many_items_make_no_zeros_and_one_sum_each(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Tensor(np.ones((40, 3)))
    items = ops.split(x, 0)
    total = items[0] * 0.0
    for at, item in enumerate(items):
        total = total + item * float(at)
    made: list[str] = []
    begin = TensorTuple.make_from_op.__func__

    def counted(kind: type, op: Any, inputs: Any) -> Any:
        made.append(type(op).__name__)
        return begin(kind, op, inputs)

    monkeypatch.setattr(Value, "make_from_op", classmethod(counted))
    total.backward()
    np.testing.assert_array_equal(x.grad.numpy()[:, 0], np.arange(40))
    assert len(made) < 200  # of 40 items
    assert made.count("Stack") == 1


@pytest.mark.parametrize("twice", [False, True])
def test_an_item_that_is_infinite_and_unused_leaves_no_nan_in_the_gradient(twice: bool) -> None:
    x = Tensor(np.array([1.0, np.inf, 3.0]))
    items = ops.split(x, 0)
    ((items[0] + items[2] * 2) if twice else items[0]).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [1, 0, 2 * twice])


def test_gradients_of_gradients_pass_through_items_of_which_some_are_unused() -> None:
    x = Tensor(np.array([2.0, 3.0, 5.0]))
    items = ops.split(x, 0)
    (items[0] ** 3 + items[2] ** 2).backward()
    gradient = x.grad
    np.testing.assert_array_equal(gradient.numpy(), [12, 0, 10])
    (gradient * gradient).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [288, 0, 40])  # 2 f' f''


def test_a_gradient_with_unused_items_has_their_zeros_when_they_are_asked_for() -> None:
    x = Tensor(A)
    both = fused(x)
    (both[1] * 5).backward()
    assert [one.numpy().tolist() for one in both.grad] == [[0, 0], [5, 5]]


def test_tuples_add_item_by_item() -> None:
    a, b = Tensor(A), Tensor(B)
    total = ops.make_tuple(a, b) + ops.make_tuple(a * 2, b * 3)
    np.testing.assert_array_equal(total[0].numpy(), 3 * A)
    np.testing.assert_array_equal(total[1].numpy(), 4 * B)
    (total[0].sum() + total[1].sum()).backward()
    np.testing.assert_array_equal(a.grad.numpy(), [3, 3])
    np.testing.assert_array_equal(b.grad.numpy(), [[4], [4], [4]])


def test_gradients_of_gradients_pass_through_a_tuple() -> None:
    x = Tensor(A)
    first, second = fused(x)
    (first * first * second).sum().backward()  # f = (x + 2)^2 (x - 3), f'' = 6 x + 2
    x.grad.sum().backward()
    assert_close(x.grad.numpy(), 6 * A + 2)


def test_an_item_after_a_made_tuple_behind_another_op_keeps_its_gradient() -> None:
    x = Tensor(A)
    again = ops.make_tuple(*(item * 2 for item in fused(x)))
    (again[0] + again[1]).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [4, 4])


def test_a_detached_tuple_holds_the_same_data_and_nothing_behind_it() -> None:
    left = fused(Tensor(A)).detach()
    assert left.is_leaf()
    assert not left.requires_grad
    np.testing.assert_array_equal(left[1].numpy(), A - 3)
    assert not left[0].requires_grad
