"""The gradient check: it passes what is right, finds what is wrong by little, and says where."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import of_several_dtypes, quickly
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import ROWS, Row

from needle import Tensor, gradcheck, ops
from needle.errors import DTypeError, GradientError

pytestmark = of_several_dtypes  # differences of float32 judge nothing

X = np.array([[0.3, -1.2], [2.0, 0.7]])


class Wrong(ops.Exp):
    """exp, with a gradient that is wrong at one element."""

    def __init__(self, error: float) -> None:
        self.error = error

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        factor = np.ones(node.shape)
        factor[1, 0] += self.error
        return out_grad * node * Tensor(factor)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
@settings(quickly, max_examples=8)
@given(data=st.data())
def test_every_op_passes(row: Row, data: st.DataObject) -> None:
    call = data.draw(row.call())
    assert gradcheck(lambda *inputs: row.needle(call.setting, *inputs), [*map(Tensor, row.arrays(call))])


@pytest.mark.parametrize("error", [1.0, -1e-3, 1e-5])
def test_a_wrong_gradient_is_found_and_its_worst_element_named(error: float) -> None:
    with pytest.raises(
        GradientError, match=r"gradcheck: input 1 at \[1, 0\]: backward gives .*, differences"
    ):
        gradcheck(lambda a, b: a + Wrong(error)(b), [Tensor(X), Tensor(X)])


def test_the_text_says_what_backward_gave_what_differences_gave_and_what_was_allowed() -> None:
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: Wrong(1.0)(x).sum(), Tensor(X))
    said = re.search(
        r"backward gives (\S+), differences give (\S+): (\S+) apart. Expected no more than (\S+)\. Check",
        str(caught.value),
    )
    assert said is not None
    gradient, slope, apart, allowed = (float(one) for one in said.groups())
    assert gradient == pytest.approx(2 * slope)
    assert apart == pytest.approx(slope, rel=0.05)
    assert allowed < 1e-5 * slope


def test_a_gradient_that_cancels_over_the_output_is_found() -> None:
    class NoGradient(ops.LogSoftmax):
        def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
            return out_grad * 0

    with pytest.raises(GradientError, match="backward gives 0, differences give"):
        gradcheck(lambda x: ops.exp(NoGradient()(x)), Tensor(X))


def test_a_gradient_of_another_shape_is_found() -> None:
    class Unsummed(ops.BroadcastTo):
        def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
            return out_grad

    with pytest.raises(GradientError, match=re.escape("the gradient of input 0 is (2, 2). Expected (1, 2)")):
        gradcheck(lambda x: Unsummed((2, 2))(x), Tensor([[1.0, 2.0]]))


def test_a_path_that_was_cut_off_is_found() -> None:
    with pytest.raises(GradientError, match="backward gives 0, differences give"):
        gradcheck(lambda x: ops.exp(x.detach()), Tensor(X))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 1e6,
        lambda x: x * 1e-6,
        lambda x: ops.exp(x * 20),
        lambda x: (x + 1000.0) ** 2,
        lambda x: ops.logsoftmax(x * 100),
        lambda x: x * 0,
        lambda x: Tensor(np.ones(3)),
    ],
)
def test_steep_flat_and_curved_functions_pass(function: Callable[[Tensor], Tensor]) -> None:
    assert gradcheck(function, Tensor(X))


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e6])
def test_the_step_follows_the_size_of_the_input(scale: float) -> None:
    assert gradcheck(lambda x: ops.log(x), Tensor(np.abs(X) * scale))
    with pytest.raises(GradientError):
        gradcheck(lambda x: Wrong(1e-4)(x * (1 / scale)), Tensor(X * scale), atol=0)


def test_second_derivatives_are_checked_through_a_gradient() -> None:
    def gradient(x: Tensor) -> Tensor:
        (x * x * x).sum().backward()
        return x.grad

    assert gradcheck(gradient, Tensor(X))


def test_inputs_keep_their_data_and_gradient_and_may_be_float32_or_need_none() -> None:
    x, fixed = Tensor(X.astype("float32")), Tensor([[2, 3], [4, 5]], requires_grad=False)
    assert gradcheck(lambda x, fixed: x * fixed, [x, fixed])
    assert x.grad is None
    np.testing.assert_array_equal(x.numpy(), X.astype("float32"))


@pytest.mark.parametrize(
    ("function", "x"), [(lambda x: ops.log(x), [1.0, 1e-9]), (lambda x: ops.log(x), [-1.0])]
)
def test_differences_that_leave_what_a_function_takes_judge_nothing(
    function: Callable[[Tensor], Tensor], x: list[float]
) -> None:
    with pytest.raises(GradientError, match=r"which may be wrong by nan\. Expected a smooth function"):
        gradcheck(function, Tensor(x))


@pytest.mark.parametrize("eps", [1e-17, 3.0])
def test_a_step_that_can_judge_nothing_is_refused(eps: float) -> None:
    with pytest.raises(GradientError, match="Expected a smooth function and a step that suits it"):
        gradcheck(lambda x: ops.exp(x * 3), Tensor(X), eps=eps)


def test_a_kink_under_the_input_is_no_right_gradient() -> None:
    with pytest.raises(GradientError, match=r"at \[1\]: backward gives 0.*at a kink of the function"):
        gradcheck(ops.relu, Tensor([1.0, 0.0]))


def test_a_function_that_draws_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(GradientError, match="gave two results for the same inputs"):
        gradcheck(lambda x: x * rng.normal(), Tensor(X))


@pytest.mark.parametrize(
    ("function", "found"),
    [(lambda x: Tensor(x.numpy(), dtype="float32"), "float32"), (lambda x: x.numpy(), "ndarray")],
)
def test_an_output_of_fewer_digits_or_no_tensor_is_refused(function: Any, found: str) -> None:
    with pytest.raises(
        DTypeError, match=f"the function made {found} of float64. Expected a Tensor of float64"
    ):
        gradcheck(function, Tensor(X))


def test_an_input_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"an input is ndarray\. Expected Tensors"):
        gradcheck(ops.exp, [X])


def test_loose_bounds_let_small_mistakes_pass() -> None:
    assert gradcheck(lambda x: Wrong(1e-3)(x), Tensor(X), rtol=1e-2)
    assert gradcheck(lambda x: Wrong(1e-3)(x), Tensor(X), atol=1.0)
