"""The ops that move elements: what the table of ops does not say, and what each refuses."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from backend_tested import assert_close, of_several_dtypes, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, TensorTuple, nn, ops
from needle.autograd import first_order
from needle.errors import DTypeError, ShapeError

shapes_with_an_axis = st.lists(st.integers(1, 4), min_size=1, max_size=3).flatmap(
    lambda shape: st.tuples(st.just(tuple(shape)), st.integers(-len(shape), len(shape) - 1))
)


def tensor(*shape: int) -> Tensor:
    return Tensor(np.arange(np.prod(shape, dtype=int)).reshape(shape).astype("float32"))


def weights(*shape: int) -> Tensor:
    rng = np.random.default_rng(1)
    return Tensor(rng.normal(size=shape).astype("float32"), requires_grad=False)


@quickly
@given(shapes_with_an_axis)
def test_the_pieces_are_pytorchs_and_so_are_their_gradients(drawn: tuple) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what pieces are compared with")
    shape, axis = drawn
    ours = tensor(*shape)
    theirs = torch.tensor(ours.numpy(), requires_grad=True)
    pieces, expected = ops.split(ours, axis), theirs.unbind(axis)
    assert isinstance(pieces, TensorTuple)
    total, total_of_theirs = weights(), torch.tensor(0.0)
    for at, (one, other) in enumerate(zip(pieces, expected, strict=True)):
        np.testing.assert_array_equal(one.numpy(), other.detach().numpy())
        total = total + (one * one * weights(*one.shape) * (at + 1)).sum()
        total_of_theirs = total_of_theirs + (other**2 * torch.tensor(weights(*one.shape).numpy())).sum() * (
            at + 1
        )
    total.backward()
    total_of_theirs.backward()
    assert_close(ours.grad.numpy(), theirs.grad.numpy())


@quickly
@given(shapes_with_an_axis)
def test_stacking_the_pieces_gives_the_tensor_back(drawn: tuple) -> None:
    shape, axis = drawn
    a = tensor(*shape)
    again = ops.stack(ops.split(a, axis), axis)
    np.testing.assert_array_equal(again.numpy(), a.numpy())
    again.backward(weights(*shape))
    np.testing.assert_array_equal(a.grad.numpy(), weights(*shape).numpy())


def test_gradients_of_gradients_pass_through_pieces() -> None:
    a = Tensor([[1.0, 2.0], [3.0, 5.0]])
    first, second = ops.split(a, 0)
    (first * first * second).sum().backward()  # of x^2 y: the gradient 2 x y, x^2
    a.grad.sum().backward()
    assert_close(a.grad.numpy(), [[2 * 3 + 2 * 1, 2 * 5 + 2 * 2], [2 * 1, 2 * 2]])


def test_a_first_order_pass_through_pieces_and_a_stack_leaves_no_graph() -> None:
    a = tensor(3, 2)
    with first_order():
        ops.stack([one * one for one in ops.split(a, 0)], 1).sum().backward()
    np.testing.assert_array_equal(a.grad.numpy(), 2 * a.numpy())
    assert a.grad.is_leaf()


def test_one_tensor_may_be_stacked_several_times() -> None:
    a = tensor(2)
    ops.stack([a, a, a], 0).backward(Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype="float32"))
    np.testing.assert_array_equal(a.grad.numpy(), [9, 12])


def test_stack_and_concat_take_the_items_of_a_tuple() -> None:
    both = ops.make_tuple(tensor(2), tensor(2) * 10)
    np.testing.assert_array_equal(ops.stack(both, 0).numpy(), [[0, 1], [0, 10]])
    np.testing.assert_array_equal(ops.concat(both).numpy(), [0, 1, 0, 10])


@pytest.mark.parametrize("size", [200.0, 1e4, 3e38])
def test_tanh_and_sigmoid_neither_overflow_nor_lose_their_gradients(size: float) -> None:
    x = Tensor(np.array([-size, 0, size], dtype="float32"))
    for function, values, slopes in (
        (ops.tanh, [-1, 0, 1], [0, 1, 0]),
        (nn.Tanh(), [-1, 0, 1], [0, 1, 0]),
        (nn.Sigmoid(), [0, 0.5, 1], [0, 0.25, 0]),
    ):
        y = function(x)
        np.testing.assert_array_equal(y.numpy(), values)
        y.backward()
        np.testing.assert_array_equal(x.grad.numpy(), slopes)


def test_sigmoid_is_pytorchs_with_its_gradient() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what values are compared with")
    ours = Tensor(np.linspace(-9, 9, 37, dtype="float32").reshape(37, 1))
    theirs = torch.tensor(ours.numpy(), requires_grad=True)
    y = nn.Sigmoid()(ours)
    y.backward(weights(37, 1))
    torch.sigmoid(theirs).backward(torch.tensor(weights(37, 1).numpy()))
    np.testing.assert_allclose(y.numpy(), torch.sigmoid(theirs).detach().numpy(), atol=2e-7)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=2e-7)


@of_several_dtypes
def test_tanh_refuses_booleans() -> None:
    with pytest.raises(DTypeError, match="Tanh: its inputs are of dtype bool"):
        ops.tanh(Tensor([True]))


REFUSED = [
    (
        lambda: ops.stack([], 0),
        "Stack: no tensors. Expected one at least. Pass them as a list or a tuple.",
    ),
    (
        lambda: ops.stack([tensor(2), tensor(2), tensor(3)], 0),
        "Stack: tensor 2 is (3,), tensor 0 (2,). Expected one shape. Reshape it first.",
    ),
    (lambda: ops.stack([tensor(2)], 2), "Stack: axis 2 of a tensor with 2 axes. Expected -2 <= axis < 2."),
    (lambda: ops.split(tensor(2, 3), 2), "Split: axis 2 of a tensor with 2 axes"),
    (lambda: ops.split(tensor(), 0), "Split: axis 0 of a tensor with 0 axes. Expected no axis at all"),
    (lambda: ops.split(tensor(2, 0), 1), "Split: a is (2, 0). Expected an element at least along the axis."),
    (lambda: ops.flip(tensor(2, 3), (0, 2)), "Flip: axis 2 of a tensor with 2 axes"),
    (lambda: ops.flip(tensor(2, 3), (1, -1)), "Flip: axes (1, -1) name one axis twice"),
    (lambda: ops.dilate(tensor(2, 3), (-3,), 1), "Dilate: axis -3 of a tensor with 2 axes"),
    (lambda: ops.dilate(tensor(2, 3), (0, -2), 1), "name one axis twice"),
    (
        lambda: ops.dilate(tensor(2), 0, -1),
        "Dilate: dilation -1. Expected a whole number of zeros, 0 or more. 0 changes nothing.",
    ),
    (lambda: ops.undilate(tensor(2), 0, 0.5), "UnDilate: dilation 0.5. Expected a whole number"),
    (
        lambda: ops.undilate(tensor(6, 5), (0, 1), 2),
        "UnDilate: axis 1 is 5 long. Expected a multiple of 3, as a dilation makes. "
        "Crop it, or give it a margin, with pad.",
    ),
    (
        lambda: ops.pad(tensor(2, 3), [(1, 1)]),
        "Pad: axes ((1, 1),), a is (2, 3). Expected two numbers for each axis. "
        "Name (0, 0) for an axis that stays.",
    ),
    (
        lambda: ops.pad(tensor(2, 3), [(0, 0), (-2, -2)]),
        "Pad: axis 1 is 3 long, (-2, -2) crops more. Expected to crop no more elements than there are.",
    ),
    (lambda: ops.concat([]), "Concat: no tensors. Expected one at least."),
    (
        lambda: ops.concat([tensor(2, 3), tensor(3, 2)], 0),
        "Concat: tensor 1 is (3, 2), tensor 0 (2, 3). Expected shapes that differ in axis 0 alone.",
    ),
    (lambda: ops.concat([tensor(2), tensor(2, 1)], 0), "Concat: tensor 1 is (2, 1), tensor 0 (2,)."),
    (lambda: ops.concat([tensor()], 0), "Concat: axis 0 of a tensor with 0 axes"),
]


@pytest.mark.parametrize(("refused", "text"), REFUSED)
def test_what_does_not_fit_is_named_with_the_rule(refused: Callable[[], object], text: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(text)):
        refused()
