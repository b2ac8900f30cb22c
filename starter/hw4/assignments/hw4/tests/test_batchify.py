"""batchify: short texts of numbers, laid out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises
from grader.expect.drawing import reproducible
from needle.data import batchify

CPU = ndl.default_device()


def test_a_text_is_cut_into_pieces_that_stand_side_by_side_as_columns():
    made = call(batchify, [10, 11, 12, 13, 14, 15], 2, device=CPU, dtype="float32")
    because = "two pieces, 10 11 12 and 13 14 15; each is read downwards, so a row holds one word of each."
    made.returns([[10, 13], [11, 14], [12, 15]], because=because)


def test_what_is_left_at_the_end_is_dropped():
    made = call(batchify, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 4, device=CPU, dtype="float32")
    because = "11 // 4 = 2 rows: pieces 1 2, 3 4, 5 6 and 7 8. 9, 10 and 11 would make a piece too short."
    made.returns([[1, 3, 5, 7], [2, 4, 6, 8]], because=because)


def test_a_text_that_fills_its_columns_loses_nothing():
    made = call(batchify, [3, 1, 4, 1, 5, 9], 3, device=CPU, dtype="float32")
    made.returns([[3, 4, 5], [1, 1, 9]], because="6 words in 3 columns are 2 rows.")


def test_one_column_is_the_text_and_one_row_as_many_words_as_columns():
    call(batchify, [7, 8, 9], 1, device=CPU, dtype="float32").returns([[7], [8], [9]])
    call(batchify, [7, 8, 9], 3, device=CPU, dtype="float32").returns([[7, 8, 9]])


def test_the_result_is_a_numpy_array_of_the_dtype_asked_for():
    for dtype in ("float32", "float64", "int64"):
        made = call(batchify, [5, 6, 7, 8, 9], 2, device=CPU, dtype=dtype)
        made.has_type(np.ndarray, because="get_batch cuts rows out of it and brings these to the device.")
        made.has_dtype(dtype)


def test_a_text_with_fewer_words_than_columns_is_refused():
    because = "no column would have a word."
    raises(ValueError, batchify, [1, 2, 3], 4, CPU, "float32", naming=["3", "4"], because=because)
    raises(ValueError, batchify, [], 1, CPU, "float32", naming=["0"], because=because)


def test_the_text_stays_as_it_is():
    call(batchify, [1, 2, 3, 4, 5], 2, device=CPU, dtype="float32").keeps("data")


@reproducible
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 3))
def test_each_word_lies_below_the_one_before_it(columns, rows, left):
    text = [100 + word for word in range(columns * rows + min(left, columns - 1))]
    made = call(batchify, text, columns, device=CPU, dtype="float32")
    made.has_shape((rows, columns), because=f"{len(text)} words, {columns} columns.")
    for column in range(columns):
        for row in range(rows):
            word = made.then(f"its word in row {row} of column {column}", made.value[row, column])
            before = column * rows + row
            word.returns(100 + before, because=f"{before} words come before it: {rows} in each column.")
