"""Several tensors as one node: taking items, adding, fused sums, and the gradients of all of them."""

import numpy as np
import pytest
from backend_tested import assert_close

from needle import Tensor, TensorTuple, ops

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
