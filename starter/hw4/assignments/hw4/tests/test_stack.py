"""stack: tensors one behind the other, along each axis that the outcome has."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, runner, seen
from grader.expect.drawing import arrays, reproducible, shapes

run = runner(np=np, ndl=ndl)


def tensors(*arrays):
    return [ndl.Tensor(array, dtype="float32") for array in arrays]


@st.composite
def several(draw):
    """Draw arrays of one shape, and an axis of the outcome."""
    shape = draw(shapes(0, 3, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return [draw(arrays(shape)) for _ in range(draw(st.integers(1, 4)))], axis


def test_two_rows_become_a_matrix():
    made = call(ndl.stack, tensors([1, 2, 3], [4, 5, 6]), 0)
    made.returns([[1, 2, 3], [4, 5, 6]], because="the new axis is the first one: [0] is the first tensor.")


def test_along_axis_1_they_become_columns():
    made = call(ndl.stack, tensors([1, 2, 3], [4, 5, 6]), 1)
    because = "[:, 0] is the first tensor: the new axis has length 2 and stands second, (3, 2)."
    made.returns([[1, 4], [2, 5], [3, 6]], because=because)


def test_matrices_are_stacked_along_each_of_three_axes():
    both = tensors([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    for axis, expected, because in [
        (0, [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "[0, i, j] is the first one's [i, j]."),
        (1, [[[1, 2], [5, 6]], [[3, 4], [7, 8]]], "[i, 0, j] is the first one's [i, j]."),
        (2, [[[1, 5], [2, 6]], [[3, 7], [4, 8]]], "[i, j, 0] is the first one's [i, j]."),
    ]:
        call(ndl.stack, both, axis).returns(expected, because=because)


def test_a_negative_axis_counts_from_the_end_of_the_outcomes_axes():
    both = tensors([1, 2, 3], [4, 5, 6])
    because = "the outcome has two axes: -1 is its last one, axis 1, and -2 its first."
    call(ndl.stack, both, -1).returns([[1, 4], [2, 5], [3, 6]], because=because)
    call(ndl.stack, both, -2).returns([[1, 2, 3], [4, 5, 6]], because=because)


def test_numbers_become_a_row_and_one_tensor_gets_an_axis():
    call(ndl.stack, tensors(7, 8, 9), 0).returns([7, 8, 9], because="of shape () each; the outcome is (3,).")
    call(ndl.stack, tensors([7, 8]), 1).returns([[7], [8]], because="one tensor of shape (2,): (2, 1).")


def test_the_tensors_may_come_as_a_list_a_tuple_or_a_tensor_tuple():
    one, other = tensors([1, 2], [3, 4])
    for args in ([one, other], (one, other), ndl.make_tuple(one, other)):
        call(ndl.stack, args, 0).returns([[1, 2], [3, 4]])


def test_the_outcome_lies_on_the_tensors_device():
    made, text = run(
        "args = [ndl.Tensor(row, device=ndl.cpu_numpy()) for row in ([1, 2], [3, 4])]",
        "y = ndl.stack(args, 0)",
    )
    y = seen(f"{text}; y", made["y"]).returns([[1, 2], [3, 4]]).value
    if y.device != ndl.cpu_numpy():
        seen(f"{text}; y.device", y).fail("y lies on another device", repr(y.device), "cpu_numpy()")


@reproducible
@given(several())
def test_each_element_stands_behind_the_number_of_its_tensor(drawn):
    args, axis = drawn
    made = call(ndl.stack, tensors(*args), axis).keeps()
    at = axis % (args[0].ndim + 1)
    long = [*args[0].shape[:at], len(args), *args[0].shape[at:]]
    made.has_shape(long, because=f"{len(args)} tensors of shape {args[0].shape}; the new axis is {axis}.")
    found = made.value.numpy()
    for place in np.ndindex(*long):
        number, inside = place[at], place[:at] + place[at + 1 :]
        because = f"y[{place}] is [{inside}] of tensor {number}."
        made.then(f"y.numpy()[{place}]", found[place]).returns(args[number][inside], because=because)
