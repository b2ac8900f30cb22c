"""residual: modules that note what they are given, with a way around them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, call, shown_as
from grader.expect.drawing import arrays, reproducible, shapes


class Times(ndl.nn.Module):
    """A module for tests that notes its input, and multiplies it by a number."""

    def __init__(self, factor):
        super().__init__()
        self.factor, self.notes = factor, []
        self.weight = ndl.nn.Parameter(ndl.Tensor([float(factor)], dtype="float32"))

    def forward(self, x):
        self.notes.append(x.numpy().ravel().tolist())
        return ndl.mul_scalar(x, self.factor)

    def __repr__(self):
        return f"Times({self.factor})"


def around(module):
    """Return a Residual of it, which failures show as the Python that makes it."""
    return shown_as(f"ndl.nn.Residual({module!r})", ndl.nn.Residual(module))


def test_the_input_is_added_to_what_the_module_makes_of_it():
    because = "10 * 1 + 1 = 11, and 10 * -2 - 2 = -22."
    x = ndl.Tensor([1, -2], dtype="float32")
    call(around(Times(10)), x).returns([11, -22], because=because)


def test_a_module_that_returns_zeros_leaves_the_input():
    because = "0 * x + x = x: what has learned nothing yet does no harm."
    x = ndl.Tensor([[1, -2]], dtype="float32")
    call(around(Times(0)), x).returns([[1, -2]], because=because)


def test_the_module_is_called_once_with_the_input_itself():
    times = Times(3)
    made = call(around(times), ndl.Tensor([2, 5], dtype="float32"))
    made.returns([8, 20], because="3 * 2 + 2 and 3 * 5 + 5.")
    if times.notes != [[2.0, 5.0]]:
        expected = "one call, with [2.0, 5.0]"
        made.fail("the module was called with something else", f"calls with {times.notes}", expected)


def test_one_around_another_has_two_ways_around():
    because = "inside 3 * 2 + 2 = 8, and outside 8 + 2 = 10."
    inner = ndl.nn.Residual(Times(3))
    outer = shown_as("ndl.nn.Residual(ndl.nn.Residual(Times(3)))", ndl.nn.Residual(inner))
    call(outer, ndl.Tensor([2], dtype="float32")).returns([10], because=because)


def test_what_is_inside_learns_and_is_told_whether_it_trains():
    times = Times(3)
    residual = around(times)
    made = call(residual, ndl.Tensor([1], dtype="float32")).returns([4], because="3 * 1 + 1 = 4.")
    because = "nn.Module finds the modules among the attributes: keep fn as one."
    parameters = residual.function.parameters()
    if [*map(id, parameters)] != [id(times.weight)]:
        made.fail("parameters() is wrong", str(parameters), f"[{times.weight}], the one of fn", because)
    residual.function.eval()
    if times.training:
        made.fail("eval() does not reach fn", "fn.training = True", "False", because)


def test_a_gradient_takes_both_ways():
    because = "y = 3 * x + x rises by 4 with x: 3 through the module and 1 around it."
    x = ndl.Tensor([1, 2], dtype="float32")
    backward(around(Times(3)), x, out_grad=[1, 10])[0].returns([4, 40], because=because)


@reproducible
@given(arrays(shapes(0, 4, 3)), st.integers(-3, 3))
def test_any_shape_comes_out_as_worked_one_by_one(x, factor):
    expected = [factor * number + number for number in x.ravel().tolist()]
    made = call(around(Times(factor)), ndl.Tensor(x))
    made.returns(np.reshape(expected, x.shape), because=f"each number, {factor} times, plus itself.")
    made.has_dtype(np.float32).keeps(because="the module's outcome and x make a new tensor.")
