"""matmul_gradient: two products with out_grad, and batches summed back to each operand's shape."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, batched_matmul_shapes, reproducible

operands = batched_matmul_shapes(2, 3).flatmap(lambda pair: st.tuples(*map(arrays, pair)))


def matrices():
    """Return two square matrices, whose shapes hide every mistake."""
    return ndl.Tensor([[1, 2], [3, 4]], dtype="float32"), ndl.Tensor([[5, 6], [7, 8]], dtype="float32")


def test_one_element_of_the_product_reaches_its_row_and_its_column():
    because = (
        "out[0, 1] = a[0, 0] * b[0, 1] + a[0, 1] * b[1, 1] = 1 * 6 + 2 * 8, and only it has a weight: 1."
    )
    found = gradient(ndl.matmul, *matrices(), out_grad=[[0, 1], [0, 0]])
    found[0].returns([[6, 8], [0, 0]], because=f"{because} a[0, 0] is multiplied by 6, a[0, 1] by 8.")
    found[1].returns([[0, 1], [0, 2]], because=f"{because} b[0, 1] is multiplied by 1, b[1, 1] by 2.")


def test_square_matrices_get_the_gradients_worked_by_hand():
    found = gradient(ndl.matmul, *matrices(), out_grad=[[1, 10], [100, 1000]])
    because = "a[0, 0] is multiplied by b[0, :] = [5, 6] in out[0, :], which weighs [1, 10]: 5 + 60 = 65."
    found[0].returns([[65, 87], [6500, 8700]], because=because)
    because = "b[0, 0] is multiplied by a[:, 0] = [1, 3] in out[:, 0], which weighs [1, 100]: 1 + 300 = 301."
    found[1].returns([[301, 3010], [402, 4020]], because=because)


def test_a_row_times_a_column_gives_each_the_other():
    row, column = ndl.Tensor([[1, 2, 3]], dtype="float32"), ndl.Tensor([[4], [5], [6]], dtype="float32")
    found = gradient(ndl.matmul, row, column, out_grad=[[10]])
    found[0].returns([[40, 50, 60]], because="out = 1 * 4 + 2 * 5 + 3 * 6, and it weighs 10.")
    found[1].returns([[10], [20], [30]], because="each gradient has the shape of its operand.")


def test_each_matrix_of_a_batch_is_treated_by_itself():
    a = ndl.Tensor([[[1, 2]], [[3, 4]]], dtype="float32")
    b = ndl.Tensor([[[5], [6]], [[7], [8]]], dtype="float32")
    found = gradient(ndl.matmul, a, b, out_grad=[[[1]], [[10]]])
    because = "(2, 1, 2) @ (2, 2, 1) is two products of their own. Only the last two axes are a matrix's."
    found[0].returns([[[5, 6]], [[70, 80]]], because=because)
    found[1].returns([[[1], [2]], [[30], [40]]], because=because)


def test_a_matrix_that_meets_a_whole_batch_gets_the_sum_over_it():
    single, batch = (
        ndl.Tensor([[1, 2]], dtype="float32"),
        ndl.Tensor([[[5], [6]], [[7], [8]]], dtype="float32"),
    )
    found = gradient(ndl.matmul, single, batch, out_grad=[[[1]], [[10]]])
    because = "a (1, 2) meets both matrices of b: 1 * [5, 6] + 10 * [7, 8] = [75, 86], of shape (1, 2)."
    found[0].returns([[75, 86]], because=because)
    found = gradient(
        ndl.matmul, ndl.Tensor([[[1]], [[3]]], dtype="float32"), single, out_grad=[[[1, 2]], [[10, 20]]]
    )
    because = "b (1, 2) meets both matrices of a: 1 * [1, 2] + 3 * [10, 20] = [31, 62], of shape (1, 2)."
    found[1].returns([[31, 62]], because=because)


def test_a_batch_axis_of_length_one_is_summed_and_stays():
    a, b = ndl.Tensor([[[1]]], dtype="float32"), ndl.Tensor([[[5]], [[7]]], dtype="float32")
    because = "a (1, 1, 1) meets both matrices of b, 5 and 7, weighing 1 and 10: 75, of shape (1, 1, 1)."
    gradient(ndl.matmul, a, b, out_grad=[[[1]], [[10]]])[0].returns([[[75]]], because=because)


@reproducible
@given(operands)
def test_both_gradients_are_the_measured_slopes_for_any_shapes(drawn):
    a, b = drawn
    gradient(ndl.matmul, ndl.Tensor(a), ndl.Tensor(b)).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        a, b = ndl.Tensor([[1, 2]], dtype=dtype), ndl.Tensor([[[3], [5]], [[6], [7]]], dtype=dtype)
        gradient(ndl.matmul, a, b).keeps_dtype()


def test_both_gradients_are_a_part_of_the_graph():
    batch = ndl.Tensor([[[5], [6]], [[7], [8]]], dtype="float32")
    gradient(ndl.matmul, ndl.Tensor([[1, 2]], dtype="float32"), batch).can_be_differentiated_again()
