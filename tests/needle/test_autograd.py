"""The graph: its topological order, reverse mode over it, gradients of gradients, detaching."""

from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, assert_close, quickly
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from needle import Tensor, ops
from needle.autograd import Value, find_topo_sort


def random_graph(choices: list[tuple[int, int, int]]) -> list[Tensor]:
    """Return three leaves and then, for each choice, an op on two of what there was before."""
    nodes = [Tensor([0.5]), Tensor([-1.5]), Tensor([2.0])]
    for kind, one, other in choices:
        a, b = nodes[one % len(nodes)], nodes[other % len(nodes)]
        nodes.append([lambda a, b: a + b, lambda a, b: a * b * 0.5, lambda a, b: -a][kind](a, b))
    return nodes


graphs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 99), st.integers(0, 99)), max_size=15)


def post_order(node: Value, listed: list[Value]) -> list[Value]:
    """The definition itself, with recursion."""
    for one in node.inputs:
        post_order(one, listed)
    if not any(node is other for other in listed):
        listed.append(node)
    return listed


@quickly
@given(graphs)
def test_the_topological_order_is_the_recursive_post_order(choices: list[tuple[int, int, int]]) -> None:
    output = random_graph(choices)[-1]
    found, expected = find_topo_sort([output]), post_order(output, [])
    assert [id(one) for one in found] == [id(one) for one in expected]


@quickly
@given(graphs)
def test_the_order_of_several_values_begins_with_the_first_of_the_list(
    choices: list[tuple[int, int, int]],
) -> None:
    *_, first, second = random_graph([*choices, (0, 0, 1), (1, 2, 3)])
    expected = post_order(second, post_order(first, []))
    assert [id(one) for one in find_topo_sort([first, second])] == [id(one) for one in expected]


@quickly
@given(graphs)
def test_every_value_of_a_random_graph_gets_pytorchs_gradient(choices: list[tuple[int, int, int]]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what gradients are compared with")
    nodes = random_graph(choices)
    nodes[-1].backward()
    theirs = [torch.tensor(one.numpy().astype("float64"), requires_grad=True) for one in nodes[:3]]
    for kind, one, other in choices:
        a, b = theirs[one % len(theirs)], theirs[other % len(theirs)]
        theirs.append([lambda a, b: a + b, lambda a, b: a * b * 0.5, lambda a, b: -a][kind](a, b))
    expected = torch.autograd.grad(theirs[-1], theirs, torch.ones(1, dtype=torch.float64), allow_unused=True)
    for node, gradient in zip(nodes, expected, strict=True):
        assert (node.grad is None) == (gradient is None)
        if gradient is not None:
            assert_close(node.grad.numpy(), gradient.numpy())


def test_a_diamond_adds_up_both_ways_once() -> None:
    x = Tensor([3.0])
    left, right = x * 2, x * 5
    output = left * right
    output.backward()
    assert (left.grad.numpy(), right.grad.numpy(), output.grad.numpy()) == (15, 6, 1)
    assert x.grad.numpy() == 60


def test_a_value_used_twice_by_one_op_gets_both_shares() -> None:
    x = Tensor([3.0])
    (x * x).backward()
    assert x.grad.numpy() == 6
    (x + x).backward()
    assert x.grad.numpy() == 2


def test_diamonds_in_a_row_are_walked_once_each() -> None:
    x = value = Tensor([1.0])
    for _ in range(60):  # 2 ** 60 ways lead through
        value = value + value
    value.backward()
    assert x.grad.numpy() == 2.0**60


def test_a_second_backward_overwrites() -> None:
    x = Tensor([3.0])
    middle = x * 2
    output = middle * middle
    for _ in range(3):
        output.backward()
        assert (x.grad.numpy(), middle.grad.numpy()) == (24, 12)
    output.backward(Tensor([10.0]))
    assert x.grad.numpy() == 240


def test_backward_of_another_output_leaves_what_it_does_not_reach() -> None:
    x, y = Tensor([3.0]), Tensor([4.0])
    (x * y).backward()
    (x * 2).backward()
    assert (x.grad.numpy(), y.grad.numpy()) == (2, 3)


def test_out_grad_weighs_the_elements_and_is_ones_by_default() -> None:
    x = Tensor(np.array([1.0, 2.0], dtype="float32"))
    (x * x).backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.array([2, 4], dtype="float32"), strict=True)
    (x * x).backward(Tensor(np.array([10.0, -1.0], dtype="float32")))
    np.testing.assert_array_equal(x.grad.numpy(), [20, -4])


def function(x: Any, y: Any) -> Any:
    return (x * y + x**3 / y) * x


def test_derivatives_up_to_the_third_order_are_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what derivatives are compared with")
    start = np.array([0.5, 1.5, -2.0]), np.array([2.0, -1.0, 0.5])
    x, y = map(Tensor, start)
    tx, ty = (torch.tensor(one, requires_grad=True) for one in start)
    ours, theirs = function(x, y), function(tx, ty)
    for _ in range(3):
        ours.sum().backward()
        ours = x.grad + y.grad * 2
        gx, gy = torch.autograd.grad(theirs.sum(), (tx, ty), create_graph=True)
        theirs = gx + gy * 2
        assert_close(ours.numpy(), theirs.detach().numpy())


def test_a_gradient_is_a_value_of_the_graph_outside_first_order_and_a_leaf_within() -> None:
    x = Tensor([3.0])
    (x**3).backward()
    assert x.grad.requires_grad
    assert not x.grad.is_leaf()
    with ndl.first_order():
        (x**3).backward()
    assert x.grad.numpy() == 27
    assert x.grad.is_leaf()
    assert not x.grad.requires_grad
    assert (x * 2).requires_grad


def test_first_order_ends_with_its_block_also_after_an_error_and_may_be_nested() -> None:
    x = Tensor([3.0])
    with pytest.raises(ZeroDivisionError), ndl.first_order(), ndl.first_order():
        raise ZeroDivisionError
    (x**3).backward()
    assert x.grad.requires_grad


def test_an_error_in_a_first_order_backward_leaves_the_graph_on() -> None:
    class Broken(ops.Exp):
        def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
            raise ZeroDivisionError

    x = Tensor([3.0])
    with pytest.raises(ZeroDivisionError), ndl.first_order():
        Broken()(x).backward()
    assert (x * 2).requires_grad


def test_what_is_detached_shares_the_data_and_passes_nothing_back() -> None:
    x = Tensor([3.0])
    for cut in (x.detach(), x.data):
        assert cut.is_leaf()
        assert not cut.requires_grad
        assert cut.realize_cached_data() is x.realize_cached_data()
    (x * (x * 2).detach()).backward()
    assert x.grad.numpy() == 6


def test_new_data_keep_the_tensor_its_graph_and_its_gradient() -> None:
    x = Tensor([3.0])
    (x * 2).backward()
    x.data = Tensor([5.0])
    assert (x.numpy(), x.grad.numpy()) == (5, 2)
    assert x.requires_grad
    (x * x).backward()
    assert x.grad.numpy() == 10


def test_an_op_on_what_needs_no_gradient_remembers_nothing() -> None:
    plain = Tensor([1.0], requires_grad=False)
    made = plain * 2 + plain
    assert made.is_leaf()
    assert not made.requires_grad
    assert (made * Tensor([1.0])).requires_grad


def test_a_leaf_that_needs_no_gradient_beside_one_that_does_is_told_its_gradient_too() -> None:
    x, fixed = Tensor([3.0]), Tensor([4.0], requires_grad=False)
    (x * fixed).backward()
    assert (x.grad.numpy(), fixed.grad.numpy()) == (4, 3)


def test_a_tensor_of_a_tensor_is_a_copy_of_the_same_dtype_with_nothing_behind_it() -> None:
    x = Tensor(np.array([1.0], dtype="float32")) * 2
    copy = Tensor(x)
    assert (copy.is_leaf(), copy.requires_grad, str(copy.dtype)) == (True, True, "float32")
    copy.realize_cached_data()[0] = 9
    assert x.numpy() == 2
    assert Tensor(x, dtype=FLOAT).dtype == FLOAT


def test_make_const_holds_the_data_itself() -> None:
    array = np.ones(2)
    assert Tensor.make_const(array).realize_cached_data() is array


def test_gradient_as_tuple_is_a_tuple_for_one_input_and_for_two() -> None:
    x, y = Tensor([2.0]), Tensor([3.0])
    one, two = -x, x * y
    assert [g.numpy() for g in one.op.gradient_as_tuple(one, one)] == [2]
    assert [g.numpy() for g in two.op.gradient_as_tuple(x, two)] == [6, 4]
