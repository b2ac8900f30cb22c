"""get_batch: rows of small texts in columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises
from grader.expect.drawing import reproducible
from needle.data import get_batch

TEXTS = [[10, 50], [11, 51], [12, 52], [13, 53], [14, 54], [15, 55]]  # 10 11 12 ... and 50 51 52 ...


def in_columns(dtype="float32"):
    return np.array(TEXTS, dtype=dtype)


def test_the_inputs_are_rows_and_the_targets_the_words_one_row_further_down():
    made = call(get_batch, in_columns(), 0, 3)
    made[0].returns([[10, 50], [11, 51], [12, 52]], because="three rows, from row 0 on.")
    because = "after 10 comes 11 and after 50 comes 51; row by row, as a reshape of the logits lies."
    made[1].returns([11, 51, 12, 52, 13, 53], because=because)


def test_it_begins_at_any_row():
    made = call(get_batch, in_columns(), 2, 2)
    made[0].returns([[12, 52], [13, 53]], because="rows 2 and 3: i counts rows, not batches.")
    made[1].returns([13, 53, 14, 54], because="rows 3 and 4.")


def test_the_last_row_is_only_predicted():
    made = call(get_batch, in_columns(), 3, 10)
    because = "6 rows: row 5 has no row after it. Of 10 rows asked for, rows 3 and 4 are left."
    made[0].returns([[13, 53], [14, 54]], because=because)
    made[1].returns([14, 54, 15, 55], because=because)
    made = call(get_batch, in_columns(), 0, 5)
    made[0].has_shape((5, 2), because="five rows, and a sixth to end the targets: just enough.")
    made[1].has_shape((10,))


def test_a_row_that_no_other_follows_is_refused():
    because = "there is nothing to predict."
    raises(ValueError, get_batch, in_columns(), 5, 3, naming=["5"], because=because)
    raises(ValueError, get_batch, in_columns(), 6, 3, naming=["6"], because=because)


def test_both_are_tensors_that_need_no_gradient_on_the_device_and_of_the_dtype_asked_for():
    device = ndl.default_device()
    made = call(get_batch, in_columns("int64"), 1, 2, device=device, dtype="float32")
    for part, name in ((made[0], "inputs"), (made[1], "targets")):
        part.has_type(ndl.Tensor).has_dtype("float32", because=f"dtype is that of the {name}.")
        if part.value.device != device:
            part.fail("the device is wrong", f"{part.value.device}", f"{device}")
        if part.value.requires_grad:
            part.fail("requires_grad is wrong", "True", "False", "a word's number is nothing to learn.")


def test_the_text_stays_as_it_is():
    call(get_batch, in_columns(), 1, 3).keeps("batches")


@reproducible
@given(st.integers(2, 6), st.integers(1, 4), st.integers(1, 6), st.data())
def test_every_word_comes_with_the_one_below_it(rows, columns, bptt, data):
    i = data.draw(st.integers(0, rows - 2))
    text = np.array([[100 * column + row for column in range(columns)] for row in range(rows)], np.float32)
    made = call(get_batch, text, i, bptt)
    steps = min(bptt, rows - 1 - i)
    made[0].has_shape((steps, columns), because=f"rows {i} to {i + steps - 1}; row {rows - 1} is the last.")
    made[1].has_shape((steps * columns,), because="one target for each input.")
    words, following = made[0].value.numpy().tolist(), iter(made[1].value.numpy().tolist())
    for step, row in enumerate(words):
        for column, word in enumerate(row):
            place = made.then(
                f"the input of step {step}, column {column}, and its target", [word, next(following)]
            )
            place.returns([100 * column + i + step, 100 * column + i + step + 1])
