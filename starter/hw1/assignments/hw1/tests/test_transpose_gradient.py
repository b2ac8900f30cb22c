"""transpose_gradient: each element's gradient goes back to where the element came from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes, two_axes_of

arrays_and_axes = shapes(2, 4, 3).flatmap(lambda shape: st.tuples(arrays(shape), two_axes_of(shape)))


def test_the_gradient_of_a_matrix_lies_as_the_matrix_does():
    a = ndl.Tensor([[5, 6, 7]], dtype="float32")
    because = "a[0, j] stands at [j, 0] of the outcome, so its gradient is out_grad[j, 0]."
    gradient(ndl.transpose, a, out_grad=[[1], [2], [3]])[0].returns([[1, 2, 3]], because=because)


def test_rows_become_columns_again_and_are_not_just_cut_anew():
    a = ndl.Tensor([[0, 0, 0], [0, 0, 0]], dtype="float32")
    because = "out_grad[j, i] belongs to a[i, j]. A reshape has the right shape, but reads row by row."
    gradient(ndl.transpose, a, out_grad=[[1, 4], [2, 5], [3, 6]])[0].returns(
        [[1, 2, 3], [4, 5, 6]], because=because
    )


def test_a_square_matrix_is_turned_back_too():
    a = ndl.Tensor([[0, 0], [0, 0]], dtype="float32")
    because = "out_grad[0, 1] = 2 belongs to a[1, 0]. In a square the shape does not tell."
    gradient(ndl.transpose, a, out_grad=[[1, 2], [3, 4]])[0].returns([[1, 3], [2, 4]], because=because)


def test_the_axes_that_were_swapped_are_those_that_are_swapped_back():
    a = ndl.Tensor([[[0, 0]], [[0, 0]]], dtype="float32")
    because = "axes=(0, 2) of a (2, 1, 2): out_grad[k, j, i] belongs to a[i, j, k]."
    gradient(ndl.transpose, a, axes=(0, 2), out_grad=[[[1, 2]], [[3, 4]]])[0].returns(
        [[[1, 3]], [[2, 4]]], because=because
    )


def test_by_default_and_by_negative_axes_a_stack_of_matrices_stays_a_stack():
    a = ndl.Tensor([[[0, 0], [0, 0]], [[0, 0], [0, 0]]], dtype="float32")
    out_grad = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    for axes in (None, (-1, -2), (-2, -1), (1, 2)):
        gradient(ndl.transpose, a, axes=axes, out_grad=out_grad)[0].returns(
            [[[1, 3], [2, 4]], [[5, 7], [6, 8]]], because="the last two axes are swapped, the first is not."
        )


@reproducible
@given(arrays_and_axes)
def test_the_gradient_is_the_measured_slope_for_any_shape_and_axes(drawn):
    a, axes = drawn
    gradient(ndl.transpose, ndl.Tensor(a), axes=axes).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.transpose, ndl.Tensor([[1, 2]], dtype=dtype)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.transpose, ndl.Tensor([[1, 2]], dtype="float32")).can_be_differentiated_again()
