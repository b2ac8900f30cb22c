"""cpu_reduce_sum: rows worked by hand, any rows one by one, and what lies beside the arrays."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
pick_device(ndl.cpu())


def out_of(made, text):
    """Return out, to be checked, and expect what lies around it to be as it was."""
    around = [*made["room"][:64], *made["room"][-64:]]
    because = "out is the middle of room: what lies around it belongs to others."
    seen(f"{text}; [*room[:64], *room[-64:]]", around).returns([99] * 128, rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def summed(numbers, rows, size):
    """Sum rows of numbers, given as Python, into an array that holds 99s before."""
    made, text = run(
        "device = ndl.cpu()",
        f"numbers = {numbers}",
        "a = device.array(numbers)",
        f"room = np.full({rows + 128}, 99, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.reduce_sum(a._handle, out._handle, {size})",
    )
    seen(f"{text}; a", made["a"]).returns(made["numbers"], rtol=0, because="only out is written to.")
    return out_of(made, text)


def test_each_row_has_its_own_sum():
    because = "the rows are [1, 5, 2] and [-7, 3, 5]; the next one begins where the last one ended."
    summed("[1, 5, 2, -7, 3, 5]", 2, 3).returns([8, 1], rtol=0, because=because)


def test_what_was_in_out_before_is_not_added():
    because = "out held 99 before: a kernel writes out in full."
    summed("[1, 2, 3]", 1, 3).returns([6], rtol=0, because=because)


def test_rows_of_one_element_are_copied():
    summed("[3, -1, 2]", 3, 1).returns([3, -1, 2], rtol=0)


def test_the_sum_of_nothing_is_0():
    summed("[]", 2, 0).returns([0, 0], rtol=0, because="reduce_size is 0: two rows without elements.")


def test_an_element_counts_once_wherever_it_lies():
    for size in (2, 3, 8, 9, 100, 1001):
        for place in sorted({0, 1, size // 2, size - 2, size - 1}):
            because = f"all elements are 0, but for a 5 at place {place} of {size}."
            out = summed(f"[5 * (i == {place}) for i in range({size})]", 1, size)
            out.returns([5], rtol=0, because=because)


def test_many_long_rows_do_not_mix():
    expected = [1001 * i for i in range(40)]
    because = "row i is 1001 times i."
    summed("[i for i in range(40) for k in range(1001)]", 40, 1001).returns(expected, because=because)


def test_nothing_beside_a_is_read():
    made, text = run(
        "device = ndl.cpu()",
        "around = np.full(12, 50, dtype=np.float32)",
        "around[3:9] = [1, 2, 0, 3, 6, 5]",
        "room = np.full(6, -7, dtype=np.float32)",
        "a, out = (ndl.backend_ndarray.from_dlpack(one) for one in (around[3:9], room[2:4]))",
        "device.reduce_sum(a._handle, out._handle, 3)",
    )
    because = "around a lie 50s, and around out -7s, which belong to others."
    seen(f"{text}; room", made["room"]).returns([-7, -7, 3, 14, -7, -7], rtol=0, because=because)


@reproducible
@given(st.data(), st.integers(1, 5), st.integers(1, 40))
def test_any_rows_come_out_right(data, rows, size):
    number = st.integers(-20, 20).map(lambda n: n / 4)
    drawn = [data.draw(st.lists(number, min_size=size, max_size=size)) for _ in range(rows)]
    out = summed([number for row in drawn for number in row], rows, size)
    out.returns([math.fsum(row) for row in drawn], rtol=0, because=f"the rows have {size} elements each.")
