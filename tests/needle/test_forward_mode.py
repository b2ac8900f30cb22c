"""Forward mode beside PyTorch's, beside reverse mode, and differentiated again."""

import re
from typing import Any

import numpy as np
import pytest
from backend_tested import assert_close, of_several_dtypes, quickly
from hypothesis import given
from hypothesis import strategies as st
from op_table import ROWS, Row

import needle as ndl
from needle import Tensor, ops
from needle.autograd import TensorOp
from needle.errors import DTypeError, GradientError, ShapeError
from needle.forward_mode import RULES, jvp

every_op = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def directions(arrays: list[np.ndarray]) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [rng.normal(size=array.shape).astype(array.dtype) for array in arrays]


def test_every_op_has_a_rule() -> None:
    classes = {
        one for one in vars(ops).values() if isinstance(one, type) and issubclass(one, ndl.autograd.Op)
    }
    assert set(RULES) == classes


@every_op
@quickly
@given(data=st.data())
def test_each_ops_tangent_is_pytorchs(row: Row, data: st.DataObject) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what tangents are compared with")
    call = data.draw(row.call())
    primals = row.arrays(call)
    tangents = directions(primals)
    value, tangent = jvp(
        lambda *inputs: row.needle(call.setting, *inputs), [*map(Tensor, primals)], [*map(Tensor, tangents)]
    )
    # the gradient, along v, of what backward gives for weights u is the same for all u
    inputs = [torch.tensor(array, requires_grad=True) for array in primals]
    output = row.torch(torch, call.setting, *inputs)
    weights = torch.zeros_like(output, requires_grad=True)
    gradients = torch.autograd.grad(
        output + 0 * sum(one.sum() for one in inputs), inputs, weights, create_graph=True
    )
    product = sum((one * torch.tensor(v)).sum() for one, v in zip(gradients, tangents, strict=True))
    (expected,) = torch.autograd.grad(product, weights)
    assert tangent.shape == value.shape == tuple(output.shape)
    assert_close(value.numpy(), output.detach().numpy())
    assert_close(tangent.numpy(), expected.numpy())


@every_op
@quickly
@given(data=st.data())
def test_float32_tangents_stay_float32_and_inputs_stay_as_they_were(row: Row, data: st.DataObject) -> None:
    call = data.draw(row.call())
    primals = [Tensor(array) for array in row.arrays(call, "float32")]
    tangents = [Tensor(array) for array in directions([one.numpy() for one in primals])]
    before = [one.numpy().copy() for one in (*primals, *tangents)]
    _, tangent = jvp(lambda *inputs: row.needle(call.setting, *inputs), primals, tangents)
    assert tangent.dtype == "float32"
    for one, array in zip((*primals, *tangents), before, strict=True):
        np.testing.assert_array_equal(one.numpy(), array)
        assert one.grad is None


@every_op
@quickly
@given(data=st.data())
def test_a_tangent_weighed_is_a_gradient_along_the_direction(row: Row, data: st.DataObject) -> None:
    """Reverse and forward mode meet: u (J v) = (u J) v."""
    call = data.draw(row.call())
    arrays = row.arrays(call)
    along = directions(arrays)
    inputs = [Tensor(array) for array in arrays]
    value, tangent = jvp(lambda *these: row.needle(call.setting, *these), inputs, [*map(Tensor, along)])
    (weights,) = directions([value.numpy()])
    value.backward(Tensor(weights))
    backward = sum(np.sum(one.grad.numpy() * v) for one, v in zip(inputs, along, strict=True))
    assert_close(np.sum(weights * tangent.numpy()), backward)


def test_tangents_of_fused_sums_and_of_a_tuple() -> None:
    x, v = Tensor([1.0, 2.0]), Tensor([10.0, 20.0])

    def function(x: Tensor, fixed: Tensor) -> Tensor:
        first, second = ops.fused_add_scalars(x, 1.0, -1.0)
        both = ops.FusedAddScalars(0.0, 0.0)(ops.make_tuple(first * second, fixed)[0])
        return both[1]

    value, tangent = jvp(function, [x, v], [v, ndl.zeros_like(v)])
    np.testing.assert_array_equal(value.numpy(), [0, 3])
    np.testing.assert_array_equal(tangent.numpy(), [20, 80])  # d (x^2 - 1) = 2 x dx


def test_a_tuple_of_a_moving_and_a_fixed_tensor_has_a_zero_for_the_fixed_one() -> None:
    class Second(TensorOp):
        def compute(self, a: Any) -> Any:
            return a[1]

    x = Tensor([1.0])
    RULES[Second] = lambda node, tangents: tangents[0][1]
    try:
        _, tangent = jvp(lambda x: Second()(ops.make_tuple(x * 2, Tensor([5.0]))), [x], [x])
    finally:
        del RULES[Second]
    np.testing.assert_array_equal(tangent.numpy(), [0])


def test_tied_maxima_share_the_tangent() -> None:
    _, tangent = jvp(lambda a: a.max(), [Tensor([3.0, 1.0, 3.0])], [Tensor([4.0, 100.0, 8.0])])
    assert tangent.numpy() == 6


def test_tangents_are_differentiated_again_by_backward_and_by_jvp() -> None:
    x, ones = Tensor([0.5, 2.0]), Tensor([1.0, 1.0])
    derivative = lambda x: jvp(lambda x: x * x * x, [x], [ones])[1]  # noqa: E731
    derivative(x).backward()
    assert_close(x.grad.numpy(), 6 * x.numpy())
    assert_close(jvp(derivative, [x], [ones])[1].numpy(), 6 * x.numpy())
    third = jvp(lambda x: jvp(derivative, [x], [ones])[1], [x], [ones])[1]
    assert_close(third.numpy(), [6, 6])


def test_forward_over_reverse_is_the_hessian_times_a_vector() -> None:
    A = np.array([[2.0, 1.0], [5.0, 3.0]])

    def gradient(x: Tensor) -> Tensor:
        (x.transpose() @ Tensor(A) @ x).sum().backward()
        return x.grad

    v = Tensor([[1.0], [-2.0]])
    _, product = jvp(gradient, [Tensor([[0.3], [0.7]])], [v])
    assert_close(product.numpy(), (A + A.T) @ v.numpy())


def test_a_primal_used_from_around_the_function_is_constant_there() -> None:
    x, one = Tensor([3.0]), Tensor([1.0])
    _, tangent = jvp(lambda y: x * y, [x], [one])
    assert tangent.numpy() == 3  # and not 6, the derivative of x * x


def test_a_function_that_does_not_depend_on_its_inputs_has_tangent_zero() -> None:
    value, tangent = jvp(lambda x: Tensor([7.0, 8.0]), [Tensor([1.0])], [Tensor([1.0])])
    np.testing.assert_array_equal(value.numpy(), [7, 8])
    np.testing.assert_array_equal(tangent.numpy(), [0, 0])


def test_the_identity_moves_as_its_input_and_primals_need_no_gradient() -> None:
    x = Tensor([1.0], requires_grad=False)
    value, tangent = jvp(lambda x: x, [x], [Tensor([5.0])])
    assert (value.numpy(), tangent.numpy()) == (1, 5)


def test_a_chain_deeper_than_pythons_stack_has_a_tangent() -> None:
    def function(x: Tensor) -> Tensor:
        for _ in range(5_000):
            x = x + 1.0
        return x

    _, tangent = jvp(function, [Tensor([0.0])], [Tensor([2.0])])
    assert tangent.numpy() == 2


def test_an_op_without_a_rule_is_named_with_the_way_to_add_one() -> None:
    class Cube(TensorOp):
        def compute(self, a: Any) -> Any:
            return a**3

    text = "jvp: Cube has no rule for tangents. Expected one for each op on the way. Add it: "
    with pytest.raises(GradientError, match=re.escape(text + "needle.forward_mode.RULES[Cube] = rule")):
        jvp(lambda x: Cube()(x), [Tensor([1.0])], [Tensor([1.0])])


@pytest.mark.parametrize(
    ("primals", "tangents", "error", "text"),
    [
        ([Tensor([1.0])], [], ShapeError, "jvp: found 1 primals and 0 tangents. Expected a tangent for each"),
        (
            [Tensor([1.0])],
            [Tensor(1.0)],
            ShapeError,
            "jvp: primal 0 is (1,), its tangent (). Expected one shape",
        ),
        pytest.param(
            [Tensor([1.0])],
            [Tensor([1.0], dtype="float32")],
            DTypeError,
            "jvp: primal 0 is float64, its tangent float32. Expected one dtype.",
            marks=of_several_dtypes,
        ),
        (
            [Tensor([1.0])],
            [1.0],
            DTypeError,
            "jvp: primal and tangent 0 are Tensor and float. Expected Tensors.",
        ),
    ],
)
def test_tangents_that_do_not_fit_are_refused(
    primals: list[Any], tangents: list[Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        jvp(lambda x: x, primals, tangents)


def test_a_function_that_returns_no_tensor_is_refused() -> None:
    with pytest.raises(GradientError, match=r"jvp: the function returned float\. Expected one Tensor"):
        jvp(lambda x: 1.0, [Tensor([1.0])], [Tensor([1.0])])
