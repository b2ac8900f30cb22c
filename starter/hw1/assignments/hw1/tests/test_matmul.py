"""matmul: products worked by hand, stacks of matrices, then any stacks entry by entry."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, batched_matmul_shapes, reproducible


@st.composite
def operands(draw):
    """Draw two matrices, or stacks of them, that can be multiplied."""
    left, right = draw(batched_matmul_shapes())
    return draw(arrays(left)), draw(arrays(right))


def test_each_entry_is_a_row_times_a_column():
    a, b = ndl.Tensor([[1, 2], [3, 4]], dtype="float32"), ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    because = "top left: 1 * 5 + 2 * 7 = 19. Element by element it would be 5; b @ a would begin with 23."
    call(ndl.matmul, a, b).returns([[19, 22], [43, 50]], because=because)


def test_the_matrices_need_not_be_square():
    a, b = ndl.Tensor([[1, 2, 3]], dtype="float32"), ndl.Tensor([[1, 0], [0, 1], [2, -1]], dtype="float32")
    because = "(1, 3) @ (3, 2) is (1, 2): 1 + 0 + 6 = 7 and 0 + 2 - 3 = -1."
    call(ndl.matmul, a, b).returns([[7, -1]], because=because)
    column, row = ndl.Tensor([[1], [2]], dtype="float32"), ndl.Tensor([[3, 4]], dtype="float32")
    because = "(2, 1) @ (1, 2) is (2, 2), one product an entry: 1 * 3, 1 * 4, 2 * 3, 2 * 4."
    call(ndl.matmul, column, row).returns([[3, 4], [6, 8]], because=because)


def test_stacks_are_multiplied_matrix_by_matrix():
    a = ndl.Tensor([[[1, 2]], [[3, 4]]], dtype="float32")
    b = ndl.Tensor([[[5], [6]], [[7], [8]]], dtype="float32")
    because = "1 * 5 + 2 * 6 = 17 from the first pair, 3 * 7 + 4 * 8 = 53 from the second: (2, 1, 1)."
    call(ndl.matmul, a, b).returns([[[17]], [[53]]], because=because)


def test_one_matrix_is_multiplied_with_every_matrix_of_a_stack():
    one = ndl.Tensor([[1, 2], [0, 1]], dtype="float32")
    stack = ndl.Tensor([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], dtype="float32")
    because = "every matrix of the stack meets the one. The second swaps columns, as it stands on the right."
    call(ndl.matmul, one, stack).returns([[[1, 2], [0, 1]], [[2, 1], [1, 0]]], because=because)
    because = "every matrix of the stack meets the one. The second swaps rows, as it stands on the left."
    call(ndl.matmul, stack, one).returns([[[1, 2], [0, 1]], [[0, 1], [1, 2]]], because=because)


def test_a_batch_axis_of_length_one_broadcasts():
    a = ndl.Tensor([[[2]]], dtype="float32")
    b = ndl.Tensor([[[3]], [[5]], [[7]]], dtype="float32")
    because = "batches (1,) and (3,) broadcast to (3,), as in broadcast_to: the one meets each of the three."
    call(ndl.matmul, a, b).returns([[[6]], [[10]], [[14]]], because=because)
    call(ndl.matmul, b, a).returns([[[6]], [[10]], [[14]]], because=because)


def test_batches_of_different_axes_broadcast():
    a = ndl.Tensor([[[[1]]], [[[2]]]], dtype="float32")
    b = ndl.Tensor([[[3]], [[5]], [[7]]], dtype="float32")
    because = "batches (2, 1) and (3,) broadcast to (2, 3): each of the two meets each of the three."
    call(ndl.matmul, a, b).returns([[[[3]], [[5]], [[7]]], [[[6]], [[10]], [[14]]]], because=because)


def test_float32_stays_float32_and_the_inputs_are_unchanged():
    for dtype in ("float32", "float64"):
        a, b = ndl.Tensor([[1, 2], [3, 4]], dtype=dtype), ndl.Tensor([[0, 1], [1, 0]], dtype=dtype)
        made = call(ndl.matmul, a, b).returns([[2, 1], [4, 3]], because="b swaps the columns of a.")
        made.has_dtype(dtype, because="both inputs have that dtype.").keeps("a", "b")


@reproducible
@given(operands())
def test_each_entry_of_any_stacks_is_the_sum_of_its_products(drawn):
    a, b = drawn
    made = call(ndl.matmul, ndl.Tensor(a), ndl.Tensor(b))
    axes = max(a.ndim, b.ndim) - 2
    sides = [(1,) * (axes + 2 - len(shape)) + shape for shape in (a.shape, b.shape)]
    left, right = a.reshape(sides[0]), b.reshape(sides[1])
    shape = (*map(max, sides[0][:-2], sides[1][:-2]), a.shape[-2], b.shape[-1])
    entries = []
    for *batch, row, column in np.ndindex(shape):
        here = tuple(
            i % n for i, n in zip(batch, sides[0], strict=False)
        )  # an axis of length 1 has only place 0
        there = tuple(i % n for i, n in zip(batch, sides[1], strict=False))
        products = zip(left[(*here, row)].tolist(), right[there][:, column].tolist(), strict=True)
        entries.append(math.fsum(x * y for x, y in products))
    because = f"{a.shape} @ {b.shape} is {shape}; an entry is the sum of a row's numbers times a column's."
    made.returns(np.reshape(entries, shape), because=because)


@reproducible
@given(operands(), st.sampled_from([2, -1, 0.5]))
def test_a_factor_may_stand_before_or_behind_the_product(drawn, factor):
    a, b = map(ndl.Tensor, drawn)
    scaled = ndl.mul_scalar(ndl.matmul(a, b), factor)
    because = f"b was multiplied with {factor}: so is the product, a @ (c b) = c (a @ b)."
    call(ndl.matmul, a, ndl.mul_scalar(b, factor)).returns(scaled, because=because)
