"""What an op refuses, and the words it does it with: the op, what it found, the rule, the way out."""

import gc
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, of_several_dtypes

import needle as ndl
from needle import Tensor, ops
from needle.errors import DeviceError, DTypeError, NeedleError, ShapeError


def tensor(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, dtype="float32"))


SHAPES = [
    (
        lambda: tensor(4, 3) + tensor(4, 5),
        "EWiseAdd: a is (4, 3), b is (4, 5). Expected equal shapes: EWiseAdd does not broadcast. "
        "Call broadcast_to(shape) on the smaller one first.",
    ),
    (lambda: tensor(3) * tensor(1), "EWiseMul: a is (3,), b is (1,). Expected equal shapes"),
    (lambda: tensor(3) / tensor(2, 3), "EWiseDiv: a is (3,), b is (2, 3). Expected equal shapes"),
    (lambda: tensor() ** tensor(1), "EWisePow: a is (), b is (1,). Expected equal shapes"),
    (
        lambda: tensor(2, 3) @ tensor(2, 3),
        "MatMul: a is (2, 3), b is (2, 3). Expected (..., n, k) and (..., k, m), with one k. "
        "Transpose or reshape one of them.",
    ),
    (lambda: tensor(3) @ tensor(3, 1), "MatMul: a is (3,), b is (3, 1). Expected (..., n, k)"),
    (
        lambda: tensor(2, 1, 1) @ tensor(3, 1, 1),
        "MatMul: a is (2, 1, 1), b is (3, 1, 1). Expected batch axes that are equal or 1, "
        "aligned from the right. Reshape one of them.",
    ),
    (
        lambda: tensor(2, 3).reshape((4, 2)),
        "Reshape: (2, 3) holds 6 elements, (4, 2) holds 8. Expected as many as before",
    ),
    (lambda: tensor(2, 3).reshape((-1, 3)), "Expected as many as before, and no axis below 0"),
    (lambda: tensor(2, 3).reshape((-2, -3)), "Expected as many as before, and no axis below 0"),
    (
        lambda: tensor(3).broadcast_to((3, 2)),
        "BroadcastTo: (3,) can't become (3, 2). Expected each old axis, aligned from the right, to be 1 or "
        "as long as the new one. Reshape first, to put a 1 where an axis shall grow.",
    ),
    (lambda: tensor(1, 3).broadcast_to((3,)), "BroadcastTo: (1, 3) can't become (3,)"),
    (
        lambda: tensor(2, 3).sum(2),
        "Summation: axis 2 of a tensor with 2 axes. Expected -2 <= axis < 2. Count the axes in its shape.",
    ),
    (
        lambda: tensor(2, 3).sum((0, -2)),
        "Summation: axes (0, -2) name one axis twice. Expected each axis once",
    ),
    (lambda: tensor().sum(0), "Summation: axis 0 of a tensor with 0 axes. Expected no axis at all"),
    (lambda: tensor(2, 3).max(-3), "Max: axis -3 of a tensor with 2 axes"),
    (lambda: ops.logsumexp(tensor(2), (0, 1)), "LogSumExp: axis 1 of a tensor with 1 axes"),
    (lambda: tensor(2, 3).transpose((0, 2)), "Transpose: axis 2 of a tensor with 2 axes"),
    (lambda: tensor(2).transpose(), "Transpose: axis -2 of a tensor with 1 axes"),
    (
        lambda: tensor(2, 3).transpose((0, 1, 1)),
        "Transpose: axes (0, 1, 1). Expected two axes, such as (0, 2)",
    ),
    (lambda: tensor(2, 3).transpose(1), "Transpose: axes 1. Expected two axes"),
    (lambda: tensor(2, 3).sum(1.5), "Summation: axis 1.5. Expected a whole number, several as a tuple"),
    (lambda: tensor(2, 3).reshape(5), "Reshape: (2, 3) holds 6 elements, (5,) holds 5"),
    (lambda: tensor(0, 3).max(0), "Max: a is (0, 3). Expected an element at least along the axes."),
    (lambda: ops.logsumexp(tensor(0)), "LogSumExp: a is (0,). Expected an element at least"),
    (
        lambda: ops.logsoftmax(tensor(3)),
        "LogSoftmax: a is (3,). Expected (B, K), a row of logits for each example. Reshape it first.",
    ),
    (
        lambda: ops.make_tuple(tensor(1)) + ops.make_tuple(tensor(1), tensor(1)),
        "add: a holds 1 tensors, b 2. Expected as many in both. Take the same items.",
    ),
    (
        lambda: tensor(2, 3).backward(tensor(3, 2)),
        "backward: out_grad is (3, 2), the tensor (2, 3). Expected one shape. "
        "Give each of its elements a weight.",
    ),
]


@pytest.mark.parametrize(("refused", "text"), SHAPES)
def test_shapes_and_axes_that_do_not_fit_are_named_with_the_rule(
    refused: Callable[[], Tensor], text: str
) -> None:
    with pytest.raises(ShapeError, match=re.escape(text)) as caught:
        refused()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, NeedleError)


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (["a", "b"], "<U1"),
        ([None, 1], "object"),
        ([1 + 2j], "complex128"),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), "datetime64[D]"),
    ],
)
def test_a_tensor_of_anything_but_numbers_and_booleans_is_refused(array: object, dtype: str) -> None:
    with pytest.raises(DTypeError, match=re.escape(f": found dtype {dtype}. Expected numbers")) as caught:
        Tensor(array)
    assert isinstance(caught.value, TypeError)


def test_rows_of_different_lengths_are_refused_and_leave_the_counter_as_it_was() -> None:
    gc.collect()  # else what other tests left could go meanwhile
    before = ndl.autograd.TENSOR_COUNTER
    with pytest.raises(ValueError, match="inhomogeneous"):
        Tensor([[1.0], [1.0, 2.0]])
    with pytest.raises(DTypeError):
        Tensor("text")
    assert before == ndl.autograd.TENSOR_COUNTER


@of_several_dtypes
@pytest.mark.parametrize(
    ("op", "name"),
    [
        (ops.negate, "Negate"),
        (lambda a: a - a, "Negate"),
        (ops.log, "Log"),
        (ops.exp, "Exp"),
        (ops.logsumexp, "LogSumExp"),
        (lambda a: ops.logsoftmax(a.reshape((1, 2))), "LogSoftmax"),
    ],
)
def test_booleans_where_numbers_are_meant_are_refused_by_name(
    op: Callable[[Tensor], Tensor], name: str
) -> None:
    booleans = Tensor([True, False])
    expected = f"{name}: its inputs are of dtype bool. Expected numbers. Make them so"
    with pytest.raises(DTypeError, match=re.escape(expected)):
        op(booleans)


@pytest.mark.parametrize("other", ["1", None, [1.0, 2.0], np.ones(2), 1 + 2j])
def test_what_is_neither_a_number_nor_a_tensor_is_no_operand(other: Any) -> None:
    for refused, name in (
        (lambda: tensor(2) + other, "AddScalar"),
        (lambda: other + tensor(2), "AddScalar"),
        (lambda: other * tensor(2), "MulScalar"),
        (lambda: tensor(2) / other, "DivScalar"),
        (lambda: tensor(2) ** other, "PowerScalar"),
    ):
        expected = f"{name}: found {type(other).__name__}. Expected a number or a Tensor."
        with pytest.raises(DTypeError, match=re.escape(expected)):
            refused()


def test_a_tensor_that_needs_no_gradient_refuses_backward_and_says_why() -> None:
    plain = Tensor([1.0], requires_grad=False)
    for refused in (plain, plain * 2, tensor(2).detach(), tensor(2).data + 1):
        with pytest.raises(
            ndl.errors.GradientError, match=re.escape("nothing it was made of has requires_grad")
        ):
            refused.backward()


def test_data_takes_only_a_tensor_of_the_same_dtype() -> None:
    x = tensor(2)
    with pytest.raises(DTypeError, match=r"data: found ndarray\. Expected a Tensor"):
        x.data = np.ones(2)
    if FLOAT == "float64":
        with pytest.raises(DTypeError, match=r"data: found dtype float64\. Expected float32"):
            x.data = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(x.numpy(), [1, 1])


@pytest.mark.parametrize("index", [2, -3])
def test_an_item_that_a_tuple_has_not_is_refused_with_its_size(index: int) -> None:
    with pytest.raises(
        IndexError, match=re.escape(f"TupleGetItem: index {index} of a tuple of 2. Expected -2")
    ):
        ops.make_tuple(tensor(1), tensor(2))[index]


def test_backward_refuses_what_is_no_tensor() -> None:
    with pytest.raises(DTypeError, match="Expected a Tensor of float32, as the tensor is"):
        tensor(3).backward(np.ones(3, dtype="float32"))  # type: ignore[arg-type]


@of_several_dtypes
def test_backward_refuses_a_tensor_of_another_dtype() -> None:
    with pytest.raises(DTypeError, match="Expected a Tensor of float32, as the tensor is"):
        tensor(3).backward(Tensor(np.ones(3)))


def test_a_device_that_is_none_is_refused() -> None:
    expected = f"Tensor: found device 'gpu'. Expected one of {ndl.all_devices()}."
    with pytest.raises(DeviceError, match=re.escape(expected)):
        Tensor([1.0], device="gpu")  # type: ignore[arg-type]


@of_several_dtypes
def test_a_scalar_of_numpy_becomes_an_array_without_axes() -> None:
    made = tensor(3).sum() * 2.0
    assert type(made.realize_cached_data()) is np.ndarray
    assert made.dtype == "float32"
