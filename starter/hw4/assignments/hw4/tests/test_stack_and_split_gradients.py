"""stack_and_split_gradients: each of the two undoes the other, so each is the other's gradient."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, gradient, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible, shapes

run = runner(np=np, ndl=ndl)


def stack_along(axis):
    return shown_as(f"(lambda *args: ndl.stack(args, {axis}))", lambda *args: ndl.stack(args, axis))


def zeros(count, *shape):
    return [ndl.Tensor(np.zeros(shape, dtype=np.float32)) for _ in range(count)]


def gradient_of_split(a, axis, *out_grads):
    """Return the gradient of a split, with an out_grad for each piece."""
    a, out_grad = ndl.Tensor(a, dtype="float32"), ndl.make_tuple(*out_grads)

    def of_split(a, out_grad):
        y = ndl.split(a, axis)
        return y.op.gradient_as_tuple(out_grad, y)

    text = f"(lambda a, out_grad: (y := ndl.split(a, {axis})).op.gradient_as_tuple(out_grad, y))"
    return call(shown_as(text, of_split), a, out_grad)


def tensors(*arrays):
    return [ndl.Tensor(array, dtype="float32") for array in arrays]


@st.composite
def stacked(draw):
    """Draw the shape of some tensors, an axis along which they are stacked, and what they become."""
    shape, count = draw(shapes(0, 3, 3)), draw(st.integers(1, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    at = axis % (len(shape) + 1)
    return shape, count, axis, draw(arrays((*shape[:at], count, *shape[at:])))


def part(array, axis, number):
    """Return, element by element, what stands at one place along an axis."""
    at = axis % array.ndim
    rest = array.shape[:at] + array.shape[at + 1 :]
    found = np.zeros(rest)
    for place in np.ndindex(rest):
        found[place] = array[(*place[:at], number, *place[at:])]
    return found


def test_each_stacked_tensor_gets_its_own_row_of_the_gradient():
    found = gradient(stack_along(0), *zeros(2, 3), out_grad=[[1, 2, 3], [10, 20, 30]])
    because = "the first tensor became row 0 of the outcome, the second one row 1."
    found[0].returns([1, 2, 3], because=because)
    found[1].returns([10, 20, 30], because=because)


def test_along_another_axis_it_gets_its_column():
    for axis in (1, -1):
        found = gradient(stack_along(axis), *zeros(2, 3), out_grad=[[1, 10], [2, 20], [3, 30]])
        because = "the first tensor became column 0 of the outcome, the second one column 1."
        found[0].returns([1, 2, 3], because=because)
        found[1].returns([10, 20, 30], because=because)


def test_pieces_give_their_gradients_back_in_their_places():
    found = gradient_of_split([[0, 0, 0], [0, 0, 0]], 0, *tensors([1, 2, 3], [10, 20, 30]))
    found[0].returns([[1, 2, 3], [10, 20, 30]], because="piece 0 was row 0, piece 1 was row 1.")
    for axis in (1, -1):
        found = gradient_of_split([[0, 0], [0, 0], [0, 0]], axis, *tensors([1, 2, 3], [10, 20, 30]))
        found[0].returns([[1, 10], [2, 20], [3, 30]], because="piece 0 was column 0, piece 1 was column 1.")


def test_a_piece_that_is_not_used_gets_zeros():
    made, text = run("a = ndl.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])", "ndl.split(a, 0)[1].backward()")
    because = "the outcome is row 1 of a: the other rows have no say."
    seen(f"{text}; a.grad", made["a"].grad).returns([[0, 0], [1, 1], [0, 0]], because=because)


def test_a_tensor_that_is_stacked_twice_gets_the_sum_of_both():
    made, text = run(
        "a = ndl.Tensor([1.0, 2.0])",
        "y = ndl.stack([a, a], 0)",
        'y.backward(ndl.Tensor([[1, 2], [10, 20]], dtype="float32"))',
    )
    because = "row 0 of the outcome weighs a by [1, 2], row 1 by [10, 20]."
    seen(f"{text}; a.grad", made["a"].grad).returns([11, 22], because=because)


@reproducible
@given(stacked())
def test_a_stacks_gradients_are_the_parts_of_out_grad(drawn):
    shape, count, axis, out_grad = drawn
    found = gradient(stack_along(axis), *zeros(count, *shape), out_grad=out_grad).keeps()
    for number in range(count):
        because = f"it is what stands at place {number} along axis {axis} of out_grad."
        found[number].returns(part(out_grad, axis, number), because=because)


@reproducible
@given(stacked())
def test_a_splits_gradient_holds_the_parts_where_the_pieces_were(drawn):
    _, count, axis, whole = drawn
    parts = tensors(*[part(whole, axis, number) for number in range(count)])
    found = gradient_of_split(np.zeros(whole.shape), axis, *parts)
    found[0].returns(whole, because=f"piece i was what stands at place i along axis {axis}.")


def test_both_gradients_are_parts_of_the_graph():
    gradient(stack_along(1), *tensors([1, 2, 3], [4, 5, 6])).can_be_differentiated_again()
    made, text = run(
        "a = ndl.Tensor([[1.0, 2.0], [3.0, 5.0]])",
        "x, y = ndl.split(a, 0)",
        "(x * x * y).sum().backward()",
        "a.grad.sum().backward()",
    )
    because = "of x^2 y the gradient is [2xy, x^2]; the gradient of its sum is [2y + 2x, 2x]."
    seen(f"{text}; a.grad", made["a"].grad).returns([[8, 14], [2, 4]], because=because)
