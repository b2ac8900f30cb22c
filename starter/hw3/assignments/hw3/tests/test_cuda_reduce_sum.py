"""cuda_reduce_sum: sums of few and of many numbers, of which none is left out or counted twice."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
device = pick_device(ndl.cuda(), ndl.cuda_sim())


def summed(numbers, rows, size, out="device.full(({rows},), 99)"):
    """Sum rows of numbers, given as Python, into an array that holds 99s, and expect them to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"numbers = {numbers}",
        "a = device.array(numbers)",
        f"out = {out.format(rows=rows)}",
        f"device.reduce_sum(a._handle, out._handle, {size})",
    )
    seen(f"{text}; a", made["a"]).returns(made["numbers"], rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def test_nothing_is_read_from_out():
    because = "the sums of [1, 5, 2] and of [-7, 3, 4], whatever out held before."
    out = summed("[1, 5, 2, -7, 3, 4]", 2, 3, out="device.empty(({rows},))")
    out.returns([8, 0], rtol=0, because=because)


def test_each_row_has_its_own_sum():
    because = "the rows are [1, 5, 2] and [-7, 3, 4]: 1 + 5 + 2 = 8 and -7 + 3 + 4 = 0."
    summed("[1, 5, 2, -7, 3, 4]", 2, 3).returns([8, 0], rtol=0, because=because)


def test_rows_of_one_number_are_their_own_sum():
    summed("[3, -1, 2]", 3, 1).returns([3, -1, 2], rtol=0)


def test_sums_of_no_numbers_are_0():
    summed("[]", 2, 0).returns([0, 0], rtol=0, because="reduce_size is 0: two rows without numbers.")


def test_every_number_counts_once():
    for size in (2, 5, 31, 33, 64, 255, 256, 257, 300, 513, 700):
        because = f"{size} ones."
        summed(f"[1] * {size}", 1, size).returns([size], rtol=0, because=because)


def test_a_number_counts_wherever_it_lies():
    for size in (2, 33, 256, 257, 300, 700):
        for place in sorted({0, 1, size // 2, min(255, size - 1), size - 2, size - 1}):
            because = f"all numbers are 0, but for a 5 at place {place} of {size}."
            summed(f"[5 * (i == {place}) for i in range({size})]", 1, size).returns(
                [5], rtol=0, because=because
            )


def test_many_rows_need_more_than_one_block():
    for rows in (2, 255, 256, 257, 600):
        because = f"row i of {rows} is [i, 2, -1]: its sum is i + 1."
        out = summed(f"[n for i in range({rows}) for n in (i, 2, -1)]", rows, 3)
        out.returns(np.arange(1, rows + 1), rtol=0, because=because)


def test_long_rows_do_not_mix():
    because = "row i is 300 times i. The next row begins right after it."
    out = summed("[i for i in range(6) for k in range(300)]", 6, 300)
    out.returns([0, 300, 600, 900, 1200, 1500], rtol=0, because=because)


@reproducible
@given(st.data(), st.integers(1, 5), st.integers(1, 40))
def test_any_rows_come_out_right(data, rows, size):
    number = st.integers(-20, 20).map(lambda n: n / 4)
    drawn = [data.draw(st.lists(number, min_size=size, max_size=size)) for _ in range(rows)]
    out = summed([number for row in drawn for number in row], rows, size)
    out.returns([math.fsum(row) for row in drawn], rtol=0, because=f"the rows have {size} numbers each.")
