"""cuda_reduce_max: the largest of few and of many numbers, wherever it lies, and of many rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
device = pick_device(ndl.cuda(), ndl.cuda_sim())


def largest(numbers, rows, size, out="device.full(({rows},), 99)"):
    """Reduce rows of numbers, given as Python, into an array that holds 99s, and expect them to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"numbers = {numbers}",
        "a = device.array(numbers)",
        f"out = {out.format(rows=rows)}",
        f"device.reduce_max(a._handle, out._handle, {size})",
    )
    seen(f"{text}; a", made["a"]).returns(made["numbers"], rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def test_nothing_is_read_from_out():
    because = "the largest of [1, 5, 2] and of [7, 3, 4], whatever out held before."
    out = largest("[1, 5, 2, 7, 3, 4]", 2, 3, out="device.empty(({rows},))")
    out.returns([5, 7], rtol=0, because=because)


def test_each_row_has_its_own_largest():
    because = "the rows are [1, 5, 2] and [7, 3, 4]."
    largest("[1, 5, 2, 7, 3, 4]", 2, 3).returns([5, 7], rtol=0, because=because)


def test_the_largest_of_negative_numbers_is_negative():
    because = "-1 is the largest. 0 is none of the numbers."
    largest("[-3, -1, -2]", 1, 3).returns([-1], rtol=0, because=because)
    because = "float32 reaches down to -3.4e38: no number is low enough to begin with, but -INFINITY."
    largest("[-3 * 2.0**126, -(2.0**127)]", 1, 2).returns([-(2.0**127)], rtol=0, because=because)


def test_rows_of_one_number_are_their_own_largest():
    largest("[3, -1, 2]", 3, 1).returns([3, -1, 2], rtol=0)


def test_the_largest_is_found_wherever_it_lies():
    for size in (2, 5, 31, 33, 64, 255, 256, 257, 300, 513, 700):
        for place in sorted({0, 1, size // 2, min(255, size - 1), size - 2, size - 1}):
            because = f"all numbers are -5, but for a -2 at place {place} of {size}."
            out = largest(f"[-2 if i == {place} else -5 for i in range({size})]", 1, size)
            out.returns([-2], rtol=0, because=because)


def test_many_rows_need_more_than_one_block():
    for rows in (2, 255, 256, 257, 600):
        because = f"row i of {rows} is [i - 1, i, -9]: its largest is i."
        out = largest(f"[n for i in range({rows}) for n in (i - 1, i, -9)]", rows, 3)
        out.returns(np.arange(rows), rtol=0, because=because)


def test_long_rows_do_not_mix():
    because = "row i ends with its largest, which is i. The next row begins right after it."
    out = largest("[i if k == 299 else -9 for i in range(6) for k in range(300)]", 6, 300)
    out.returns([0, 1, 2, 3, 4, 5], rtol=0, because=because)


@reproducible
@given(st.data(), st.integers(1, 5), st.integers(1, 40))
def test_any_rows_come_out_right(data, rows, size):
    number = st.integers(-20, 20).map(lambda n: n / 4)
    drawn = [data.draw(st.lists(number, min_size=size, max_size=size)) for _ in range(rows)]
    out = largest([number for row in drawn for number in row], rows, size)
    out.returns([max(row) for row in drawn], rtol=0, because=f"the rows have {size} numbers each.")
