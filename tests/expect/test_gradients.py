"""Gradients: an op's own and those of reverse mode, beside the student's forward and as a graph."""

from pathlib import Path

import numpy as np
import pytest
from expect.tensors import Multiply, Tensor, multiply, spread, tensor
from hypothesis import given

from grader.expect import Unexpected, backward, gradient, shown_as
from grader.expect.drawing import arrays, reproducible, shapes
from grader.local.failures import describe

A, B = [[1, 2]], [[3, 5]]


def made_by(op):
    def product(a, b):
        return op(a, b)

    return product


def op_with(gradient):
    return type("Wrong", (Multiply,), {"gradient": gradient})()


def text_of(check, *args, **kwargs):
    with pytest.raises(Unexpected) as caught:
        check(*args, **kwargs)
    return str(caught.value)


def of(gradient_of_op, how=gradient):
    return how(made_by(op_with(gradient_of_op)), tensor(A), tensor(B))


@pytest.mark.parametrize("how", [gradient, backward])
def test_a_right_gradient_passes_every_check(how) -> None:
    found = how(multiply, tensor(A), tensor(B))
    found.has_shapes_of_inputs().keeps_dtype().agrees_with_differences().can_be_differentiated_again()
    found.keeps("a", "b", "out_grad")[0].returns([[3, 10]])


@pytest.mark.parametrize("how", [gradient, backward])
def test_the_shown_line_makes_the_gradients_again(how) -> None:
    text = how(multiply, tensor(A), tensor(B), out_grad=[[2, 4]]).text
    *statements, last = text.split("; ")
    names = {"np": np, "multiply": multiply, "Tensor": Tensor}
    exec("; ".join(statements), names)
    assert [grad.numpy().tolist() for grad in eval(last, names)] == [[[6, 20]], [[2, 8]]]


def test_arguments_that_are_no_tensors_are_passed_on_and_have_no_gradient() -> None:
    found = gradient(spread, tensor([[2]]), (2, 3)).agrees_with_differences().can_be_differentiated_again()
    assert len(found.value) == 1
    found[0].returns([[21]], because="1 + 2 + ... + 6")


def test_a_wrong_gradient_names_input_and_place_and_shows_the_measured_slopes() -> None:
    found = of(lambda self, out_grad, node: (out_grad * node.inputs[1], out_grad * node.inputs[1]))
    text = text_of(found.agrees_with_differences, because="d(ab)/db = a")
    assert text.startswith("gradient of product: the gradient of b at [0, 1] is 10, not 4\n  call      y = ")
    assert "got       Tensor(np.array([[3.0, 10.0]], dtype=np.float32))" in text
    assert "expected  np.array([[1.0, 4.0]]), by central differences of your forward" in text
    assert text.endswith("because   d(ab)/db = a")


def test_the_rounding_of_float32_is_no_disagreement() -> None:
    def rounding(self, out_grad, node):
        large = 1e8 * out_grad.array
        return tuple(Tensor((large + out_grad.array * one.array) - large) for one in node.inputs[::-1])

    found = of(rounding).agrees_with_differences()
    assert found.value[0].numpy().tolist() != [[3, 10]]


def test_of_many_failing_examples_the_smallest_is_shown(tmp_path: Path) -> None:
    @reproducible
    @given(arrays(shapes()))
    def check(x):
        def doubled_where_wide(self, out_grad, node):
            a, b = node.inputs
            return out_grad * b, Tensor(out_grad.array * a.array * (1 + (a.array.ndim > 1)))

        gradient(made_by(op_with(doubled_where_wide)), tensor(x), tensor(x)).agrees_with_differences()

    with pytest.raises(Unexpected) as caught:
        check()
    text = describe(caught.value, tmp_path)
    assert text.startswith("gradient of product: the gradient of b at [0, 0] is 2, not 1\n  call      y = ")
    assert "product(Tensor(np.array([[1.0]], dtype=np.float32)), Tensor(np.array([[1.0]]" in text


def test_a_gradient_of_another_shape_is_named_before_its_values() -> None:
    found = of(lambda self, out_grad, node: (out_grad * node.inputs[1], tensor([1, 4])))
    for check in (found.has_shapes_of_inputs, found.agrees_with_differences):
        text = text_of(check)
        assert "the gradient of b has shape (2,), not (1, 2)" in text
        assert "because   an input that was broadcast gets the sum over its copies" in text


def test_a_gradient_that_became_float64_is_named() -> None:
    found = of(lambda self, out_grad, node: (Tensor(B, "float64"), Tensor(A, "float32")))
    text = text_of(found.keeps_dtype)
    assert "the gradient of a has the wrong dtype" in text
    assert "got       float64\n  expected  float32" in text


@pytest.mark.parametrize(
    "cut",
    [
        lambda self, out_grad, node: (out_grad.array * node.inputs[1].array, out_grad * node.inputs[0]),
        lambda self, out_grad, node: (Tensor(out_grad.array * node.inputs[1].array), out_grad),
    ],
)
def test_a_gradient_of_arrays_is_cut_off_from_out_grad(cut) -> None:
    text = text_of(of(cut).can_be_differentiated_again)
    assert "the gradient of a is cut off from out_grad" in text
    assert "because   a gradient made of Tensors (out_grad, node.inputs) by ops" in text


def test_a_gradient_with_an_inputs_numbers_as_constants_is_cut_off_from_that_input() -> None:
    found = of(
        lambda self, out_grad, node: (out_grad * node.inputs[1], out_grad * Tensor(node.inputs[0].array))
    )
    found.agrees_with_differences()
    assert "the gradient of b is cut off from an input" in text_of(found.can_be_differentiated_again)


def test_one_gradient_too_few_is_counted() -> None:
    text = text_of(of, lambda self, out_grad, node: out_grad)
    assert "got       1 gradients\n  expected  2, one for each input" in text


def test_a_changed_out_grad_is_not_kept() -> None:
    def doubling(self, out_grad, node):
        out_grad.array *= 2
        return out_grad, out_grad

    assert "the call changed out_grad" in text_of(of(doubling).keeps)


@pytest.mark.parametrize("value", [tensor(A), np.ones(2), 3.0])
def test_an_outcome_without_an_op_is_told_in_words(value) -> None:
    text = text_of(gradient, lambda a: value, tensor(A))
    assert "the outcome has no op, so it has no gradient" in text
    assert "because   Tensor(...), .data, .detach() and .numpy() cut the graph" in text


def test_an_outcome_of_two_ops_has_no_gradient_of_its_own_but_one_by_reverse_mode() -> None:
    text = text_of(gradient, lambda a, b: multiply(multiply(a, b), b), tensor(A), tensor(B))
    assert "got       Multiply\n  expected  one op of a, b" in text


def test_an_error_in_a_gradient_comes_with_the_line_that_repeats_it() -> None:
    def failing(self, out_grad, node):
        raise NotImplementedError("not started: hw1/multiply")

    with pytest.raises(NotImplementedError) as caught:
        of(failing)
    assert caught.value.needle_call.startswith("y = product(")
    assert "y.op.gradient_as_tuple(" in caught.value.needle_call


def test_a_forward_that_falls_back_to_float32_is_measured_with_longer_steps() -> None:
    class Rounding(Multiply):
        def compute(self, a, b):
            return (a * b).astype(np.float32)

    gradient(made_by(Rounding()), tensor(A), tensor(B)).agrees_with_differences()


def test_a_setup_comes_first_in_the_line() -> None:
    times = shown_as("times", multiply, setup="times = multiply")
    assert gradient(times, tensor([1]), tensor([2])).text.startswith("times = multiply; y = times(Tensor(")
    assert backward(times, tensor([1]), tensor([2])).text.startswith("times = multiply; a = Tensor(")
