"""Every op beside NumPy and PyTorch: values, gradients, second derivatives, dtypes, and untouched inputs."""

from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from backend_tested import CLOSE, CURVED, FLOAT, assert_close, quickly
from hypothesis import given
from hypothesis import strategies as st
from op_table import ROWS, Call, Row

from needle import Tensor, ops
from needle.autograd import TensorOp

every_op = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is what gradients are compared with")


def weights(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(5).uniform(-1, 1, size=shape).astype(FLOAT).astype("float64")


def test_the_table_holds_every_op_that_makes_a_tensor() -> None:
    classes = {name for name, one in vars(ops).items() if isinstance(one, type) and issubclass(one, TensorOp)}
    assert {row.name for row in ROWS} == classes - {"TupleGetItem"}


@every_op
@quickly
@given(data=st.data())
def test_values_are_numpys(row: Row, data: st.DataObject) -> None:
    call = data.draw(row.call())
    arrays = row.arrays(call)
    assert_close(row.needle(call.setting, *map(Tensor, arrays)).numpy(), row.numpy(call.setting, *arrays))


@every_op
@quickly
@given(data=st.data())
def test_float32_stays_float32_and_inputs_stay_as_they_were(row: Row, data: st.DataObject) -> None:
    call = data.draw(row.call())
    inputs = [Tensor(array) for array in row.arrays(call, "float32")]
    before = [one.numpy().copy() for one in inputs]
    output = row.needle(call.setting, *inputs)
    output.backward()
    assert output.dtype == "float32"
    for one, array in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(one.numpy(), array)
        assert one.grad.dtype == "float32"
        assert one.grad.shape == one.shape


@every_op
@quickly
@given(data=st.data())
def test_first_and_second_derivatives_are_pytorchs(row: Row, torch: Any, data: st.DataObject) -> None:
    call = data.draw(row.call())
    found, expected = _by_needle(row, call), _by_torch(row, call, torch)
    tolerances = [CLOSE] * len(call.shapes) + [CURVED] * len(call.shapes)
    for ours, theirs, tolerance in zip(found, expected, tolerances, strict=True):
        assert_close(ours, theirs, tolerance)


def _by_needle(row: Row, call: Call) -> list[np.ndarray]:
    """Return the gradients of a loss, and then those of the gradients' weighted sum.

    The loss squares the output, so that linear ops have second derivatives too.
    """
    inputs = [Tensor(array) for array in row.arrays(call)]
    output = row.needle(call.setting, *inputs)
    (output * output * Tensor(weights(output.shape))).sum().backward()
    first = [one.grad for one in inputs]
    reduce(add, [(grad * Tensor(weights(grad.shape))).sum() for grad in first]).backward()
    return [one.numpy() for one in first] + [one.grad.numpy() for one in inputs]


def _by_torch(row: Row, call: Call, torch: Any) -> list[np.ndarray]:
    inputs = [torch.tensor(array, requires_grad=True) for array in row.arrays(call)]
    output = row.torch(torch, call.setting, *inputs)
    loss = (output * output * torch.tensor(weights(output.shape))).sum()
    first = torch.autograd.grad(loss, inputs, create_graph=True)
    total = sum((grad * torch.tensor(weights(grad.shape))).sum() for grad in first)
    total = total + sum((one * 0).sum() for one in inputs)  # PyTorch takes x ** 0 for a constant
    second = torch.autograd.grad(total, inputs)
    return [one.detach().numpy() for one in (*first, *second)]


def test_a_gradient_through_equal_maxima_is_shared_equally() -> None:
    a = Tensor([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    ops.maximum_over(a, 1).backward()
    assert_close(a.grad.numpy(), [[0.5, 0, 0.5], [1 / 3, 1 / 3, 1 / 3]])


def test_the_slope_of_relu_at_0_is_0() -> None:
    a = Tensor([-1.0, 0.0, 2.0])
    ops.relu(a).backward()
    assert_close(a.grad.numpy(), [0, 0, 1])


def test_a_power_of_0_has_no_slope_at_0_and_a_power_of_1_has_1() -> None:
    a = Tensor([0.0, 3.0])
    (a**0).backward()
    assert_close(a.grad.numpy(), [0, 0])
    (a**1).backward()
    assert_close(a.grad.numpy(), [1, 1])


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_logarithms_of_sums_neither_overflow_nor_lose_their_gradients(size: float) -> None:
    a = Tensor(np.array([[size, size + 1.0]], dtype="float32"))
    expected = np.log(1 + np.e)
    ops.logsumexp(a, 1).backward()
    assert_close(a.grad.numpy(), [[1 / (1 + np.e), np.e / (1 + np.e)]], 1e-3)  # float32 at 10,000
    assert_close(ops.logsumexp(a - size).numpy(), np.float32(expected), 1e-6)
    assert_close(ops.logsumexp(a, 1).numpy(), [np.float32(size + expected)], 1e-6)
    assert_close(ops.logsoftmax(a).numpy(), [[-expected, 1 - expected]], 1e-6)


@pytest.mark.parametrize("index", [np.s_[::-1], np.s_[..., 1], np.s_[None, 1:], np.s_[[0, 0, 2], 1]])
def test_the_gradient_of_an_index_counts_how_often_it_takes_each_element(index: object) -> None:
    a = Tensor(np.arange(6.0).reshape(3, 2))
    a[index].backward()
    taken = list(np.arange(6).reshape(3, 2)[index].flat)
    assert_close(a.grad.numpy(), np.reshape([taken.count(at) for at in range(6)], (3, 2)))
