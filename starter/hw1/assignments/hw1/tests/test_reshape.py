"""reshape: the same numbers in the same order, whatever the shape they had and get."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible


@st.composite
def arrays_with_another_shape(draw):
    """Draw an array and a shape of as many elements: its sides in another order, with a 1, or two merged."""
    sides = tuple(draw(st.lists(st.integers(1, 3), max_size=4)))
    shape = tuple(draw(st.permutations([*sides, *draw(st.sampled_from([(), (1,)]))])))
    if len(shape) > 1 and draw(st.booleans()):
        shape = (shape[0] * shape[1], *shape[2:])
    return draw(arrays(sides)), shape


def test_six_numbers_become_two_rows_of_three():
    a = ndl.Tensor([1, 2, 3, 4, 5, 6], dtype="float32")
    because = "the first row is filled first, from left to right, and then the second."
    call(ndl.reshape, a, (2, 3)).returns([[1, 2, 3], [4, 5, 6]], because=because)


def test_a_matrix_is_read_row_by_row():
    a = ndl.Tensor([[1, 2], [3, 4], [5, 6]], dtype="float32")
    because = "row by row it reads 1, 2, 3, 4, 5, 6. A transpose would begin with 1, 3, 5."
    call(ndl.reshape, a, (2, 3)).returns([[1, 2, 3], [4, 5, 6]], because=because)
    call(ndl.reshape, a, (6,)).returns([1, 2, 3, 4, 5, 6], because=because)


def test_what_counts_is_the_order_of_the_axes_and_not_how_the_array_lies_in_memory():
    a = ndl.Tensor(np.array([[1, 4], [2, 5], [3, 6]], dtype=np.float32, order="F"))
    because = "read row by row this matrix is 1, 4, 2, 5, 3, 6, though its columns lie together in memory."
    call(ndl.reshape, a, (6,)).returns([1, 4, 2, 5, 3, 6], because=because)


def test_axes_of_length_one_come_and_go():
    a = ndl.Tensor([7, 8], dtype="float32")
    call(ndl.reshape, a, (2, 1)).returns([[7], [8]], because="two rows of one number each.")
    call(ndl.reshape, a, (1, 2, 1)).returns([[[7], [8]]], because="1 * 2 * 1 is still two numbers.")


def test_a_single_number_gains_and_loses_all_axes():
    call(ndl.reshape, ndl.Tensor(5, dtype="float32"), (1, 1)).returns(
        [[5]], because="() to (1, 1): one number."
    )
    call(ndl.reshape, ndl.Tensor([[5]], dtype="float32"), ()).returns(
        5, because="() is the shape of one number."
    )


def test_float32_stays_float32_and_the_input_keeps_its_shape():
    for dtype in ("float32", "float64"):
        a = ndl.Tensor([1, 2, 3, 4], dtype=dtype)
        because = "a itself stays (4,): setting a.shape would change it for everyone who holds it."
        call(ndl.reshape, a, (2, 2)).returns([[1, 2], [3, 4]]).has_dtype(dtype).keeps("a", because=because)


@reproducible
@given(arrays_with_another_shape())
def test_the_numbers_stay_in_their_order_in_any_shape(drawn):
    a, shape = drawn
    made = call(ndl.reshape, ndl.Tensor(a), shape).has_shape(shape)
    one_by_one = [number.item() for number in made.value.numpy().flat]
    expected = [a[place] for place in np.ndindex(a.shape)]
    because = "the last coordinate counts fastest, in the old shape and in the new one."
    made.then("[*y.numpy().flat]", one_by_one).returns(expected, because=because)


@reproducible
@given(arrays_with_another_shape())
def test_the_old_shape_gives_back_the_tensor(drawn):
    a, shape = drawn
    there = ndl.reshape(ndl.Tensor(a), shape)
    call(ndl.reshape, there, a.shape).returns(a, because=f"the numbers came from {a.shape}, in this order.")
