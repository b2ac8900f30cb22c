"""What Python's operators and a Tensor's methods mean: which op each one is."""

from collections.abc import Callable

import numpy as np
import pytest
from backend_tested import FLOAT, assert_close

from needle import Tensor

X = np.array([[1.5, 2.0, 3.0], [0.5, 4.0, 1.0]])
Y = np.array([[2.0, 0.5, 1.0], [3.0, 2.0, 0.25]])


@pytest.mark.parametrize(
    "expression",
    [
        lambda x, y: x + y,
        lambda x, y: x + 2,
        lambda x, y: 2 + x,
        lambda x, y: x - y,
        lambda x, y: x - 2,
        lambda x, y: 2 - x,
        lambda x, y: x * y,
        lambda x, y: x * 3,
        lambda x, y: 3 * x,
        lambda x, y: x / y,
        lambda x, y: x / 4,
        lambda x, y: 4 / x,
        lambda x, y: x**y,
        lambda x, y: x**3,
        lambda x, y: -x,
        lambda x, y: x @ y.reshape((3, 2)),
        lambda x, y: x.sum(),
        lambda x, y: x.sum(0),
        lambda x, y: x.mean(),
        lambda x, y: x.mean(1),
        lambda x, y: x.mean((0, -1)),
        lambda x, y: x.max(),
        lambda x, y: x.max(1),
        lambda x, y: x.reshape((3, 2)),
        lambda x, y: x.transpose(),
        lambda x, y: x[1],
        lambda x, y: x[:, [0, 2]],
        lambda x, y: np.float64(2) * x + np.float32(0.5) - np.int64(1),
        lambda x, y: x * True,
    ],
)
def test_an_expression_on_tensors_is_the_expression_on_arrays(expression: Callable) -> None:
    for dtype in sorted({"float32", FLOAT}):
        x, y = X.astype(dtype), Y.astype(dtype)
        ours = expression(Tensor(x), Tensor(y))
        assert ours.dtype == dtype
        assert_close(ours.numpy(), expression(x, y).astype(dtype), 1e-6)


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        (lambda x, y: x + y, ["EWiseAdd"]),
        (lambda x, y: x - y, ["EWiseAdd", "Negate"]),
        (lambda x, y: x - 2, ["AddScalar"]),
        (lambda x, y: 2 - x, ["AddScalar", "Negate"]),
        (lambda x, y: x**y, ["EWisePow"]),
        (lambda x, y: x**2, ["PowerScalar"]),
        (lambda x, y: x / y, ["EWiseDiv"]),
        (lambda x, y: 2 / x, ["MulScalar", "PowerScalar"]),
        (lambda x, y: x.matmul(y.transpose()), ["MatMul", "Transpose"]),
        (lambda x, y: x.exp().log(), ["Exp", "Log"]),
        (lambda x, y: x.broadcast_to((2, 2, 3)), ["BroadcastTo"]),
    ],
)
def test_an_operator_is_made_of_these_ops(expression: Callable, made: list[str]) -> None:
    found, values = [], [expression(Tensor(X), Tensor(Y))]
    for value in values:
        values += value.inputs
        found += [type(value.op).__name__] if value.op is not None else []
    assert sorted(found) == made


def test_numbers_take_no_part_in_differentiation() -> None:
    x = Tensor([2.0])
    assert [type(one).__name__ for one in (3 * x).inputs] == ["Tensor"]
    assert (3 * x).inputs[0] is x


def test_the_mean_of_an_empty_axis_is_as_numpys_and_its_gradient_divides_by_the_count() -> None:
    x = Tensor(X)
    x.mean(1).backward()
    assert_close(x.grad.numpy(), np.full((2, 3), 1 / 3))
    assert Tensor(np.zeros((0, 3))).mean(1).shape == (0,)


def test_a_tensor_is_no_sequence_and_has_no_truth() -> None:
    assert not hasattr(Tensor, "__len__")
    assert "__bool__" not in vars(Tensor)


def test_repr_names_the_class_and_str_is_the_data() -> None:
    x = Tensor(np.array([1.0, 2.0]))
    assert repr(x) == "needle.Tensor([1. 2.])"
    assert str(x) == "[1. 2.]"
