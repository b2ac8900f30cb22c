"""cpu_reduce_max: rows worked by hand, any rows one by one, and what lies beside the arrays."""

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


def largest(numbers, rows, size):
    """Find the largest of each row of numbers, given as Python, in an array that holds 99s before."""
    made, text = run(
        "device = ndl.cpu()",
        f"numbers = {numbers}",
        "a = device.array(numbers)",
        f"room = np.full({rows + 128}, 99, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.reduce_max(a._handle, out._handle, {size})",
    )
    seen(f"{text}; a", made["a"]).returns(made["numbers"], rtol=0, because="only out is written to.")
    return out_of(made, text)


def test_each_row_has_its_own_largest():
    because = "the rows are [1, 5, 2] and [-7, 3, 4]; the next one begins where the last one ended."
    largest("[1, 5, 2, -7, 3, 4]", 2, 3).returns([5, 4], rtol=0, because=because)


def test_of_negative_numbers_the_largest_is_negative():
    because = "0 is in none of the rows: begin with a row's own element."
    largest("[-3, -1, -2, -7, -9, -8]", 2, 3).returns([-1, -7], rtol=0, because=because)


def test_the_largest_may_be_minus_infinity():
    because = "both elements of the first row are -inf: no finite number is as small."
    largest("[-np.inf, -np.inf, 1, -np.inf]", 2, 2).returns([-np.inf, 1], rtol=0, because=because)


def test_rows_of_one_element_are_copied():
    largest("[3, -1, 2]", 3, 1).returns([3, -1, 2], rtol=0)


def test_what_was_in_out_before_does_not_matter():
    because = "out held 99 before, which is larger than all elements, and none of them."
    largest("[1, 2, 3]", 1, 3).returns([3], rtol=0, because=because)


def test_the_largest_is_found_wherever_it_lies():
    for size in (2, 3, 8, 9, 100, 1001):
        for place in sorted({0, 1, size // 2, size - 2, size - 1}):
            because = f"all elements are -5, but for a -2 at place {place} of {size}."
            out = largest(f"[-2 if i == {place} else -5 for i in range({size})]", 1, size)
            out.returns([-2], rtol=0, because=because)


def test_nothing_beside_a_is_read():
    made, text = run(
        "device = ndl.cpu()",
        "around = np.full(12, 50, dtype=np.float32)",
        "around[3:9] = [1, 2, 0, 3, 6, 5]",
        "room = np.full(6, -7, dtype=np.float32)",
        "a, out = (ndl.backend_ndarray.from_dlpack(one) for one in (around[3:9], room[2:4]))",
        "device.reduce_max(a._handle, out._handle, 3)",
    )
    because = "around a lie 50s, and around out -7s, which belong to others."
    seen(f"{text}; room", made["room"]).returns([-7, -7, 2, 6, -7, -7], rtol=0, because=because)


@reproducible
@given(st.data(), st.integers(1, 5), st.integers(1, 40))
def test_any_rows_come_out_right(data, rows, size):
    number = st.integers(-20, 20).map(lambda n: n / 4)
    drawn = [data.draw(st.lists(number, min_size=size, max_size=size)) for _ in range(rows)]
    out = largest([number for row in drawn for number in row], rows, size)
    out.returns([sorted(row)[-1] for row in drawn], rtol=0, because=f"the rows have {size} elements each.")
