"""split: a tensor taken apart along each of its axes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, runner, seen
from grader.expect.drawing import arrays, reproducible, shapes

run = runner(np=np, ndl=ndl)
arrays_and_an_axis = shapes(1, 4, 3).flatmap(
    lambda shape: st.tuples(arrays(shape), st.integers(-len(shape), len(shape) - 1))
)


def matrix():
    return ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")


def pieces(a, axis, count):
    """Split a tensor, and expect a TensorTuple of so many pieces."""
    made = call(ndl.split, a, axis).has_type(ndl.TensorTuple)
    because = f"axis {axis} is {count} long: one piece for each place along it."
    made.then(f"len(ndl.split(a, {axis}))", len(made.value)).returns(count, because=because)
    return made


def test_along_axis_0_a_matrix_falls_into_its_rows():
    made = pieces(matrix(), 0, 2)
    made[0].returns([1, 2, 3], because="of shape (3,): the axis that was split is gone.")
    made[1].returns([4, 5, 6], because="row 1.")


def test_along_axis_1_it_falls_into_its_columns():
    made = pieces(matrix(), 1, 3)
    made[0].returns(
        [1, 4], because="column 0, of shape (2,). An index of our arrays keeps its axis: drop it."
    )
    made[2].returns([3, 6], because="column 2.")


def test_a_negative_axis_counts_from_the_end():
    pieces(matrix(), -1, 3)[1].returns([2, 5], because="axis -1 of two is axis 1: column 1.")
    pieces(matrix(), -2, 2)[1].returns([4, 5, 6], because="axis -2 of two is axis 0: row 1.")


def test_the_axis_in_the_middle_of_three():
    a = ndl.Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], dtype="float32")
    made = pieces(a, 1, 2)
    made[0].returns([[1, 2], [5, 6]], because="[i, j] of piece 0 is a's [i, 0, j].")
    made[1].returns([[3, 4], [7, 8]], because="[i, j] of piece 1 is a's [i, 1, j].")


def test_a_row_falls_into_numbers_and_an_axis_of_length_one_into_one_piece():
    made = pieces(ndl.Tensor([7, 8], dtype="float32"), 0, 2)
    made[1].returns(8, because="of shape (): no axis is left.")
    made = pieces(ndl.Tensor([[7], [8]], dtype="float32"), 1, 1)
    made[0].returns([7, 8], because="(2, 1) without axis 1 is (2,).")


def test_the_pieces_lie_on_the_tensors_device_and_leave_it_as_it_was():
    made, text = run("a = ndl.Tensor([[1, 2], [3, 4]], device=ndl.cpu_numpy())", "b = ndl.split(a, 0)[1]")
    b = seen(f"{text}; b", made["b"]).returns([3, 4]).value
    if b.device != ndl.cpu_numpy():
        seen(f"{text}; b.device", b).fail("b lies on another device", repr(b.device), "cpu_numpy()")
    seen(f"{text}; a", made["a"]).returns([[1, 2], [3, 4]])


@reproducible
@given(arrays_and_an_axis)
def test_each_element_is_found_in_the_piece_of_its_place(drawn):
    a, axis = drawn
    at = axis % a.ndim
    made = pieces(ndl.Tensor(a), axis, a.shape[at]).keeps()
    rest = a.shape[:at] + a.shape[at + 1 :]
    found = [made[number].has_shape(rest).value.numpy() for number in range(a.shape[at])]
    for place in np.ndindex(a.shape):
        number, inside = place[at], place[:at] + place[at + 1 :]
        because = f"[{inside}] of piece {number} is a[{place}]."
        made.then(f"y[{number}].numpy()[{inside}]", found[number][inside]).returns(a[place], because=because)
