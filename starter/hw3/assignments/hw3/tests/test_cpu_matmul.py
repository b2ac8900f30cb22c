"""cpu_matmul: products worked by hand, sums of products one by one, and what lies beside the arrays."""

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

SMALL = [1, -2, 3, 0, 2, -1, 1]  # whole numbers: float32 sums them exactly, in any order
OTHERS = [2, 1, -1, 3, -2]


def out_of(made, text):
    """Return out, to be checked, and expect what lies around it to be as it was."""
    around = [*made["room"][:64], *made["room"][-64:]]
    because = "out is the middle of room: what lies around it belongs to others."
    seen(f"{text}; [*room[:64], *room[-64:]]", around).returns([99] * 128, rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def product(a, b, m, n, p):
    """Multiply two matrices, given as Python, into an array that holds 99s, and expect them to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"a, b = {a}, {b}",
        "x, y = device.array(a), device.array(b)",
        f"room = np.full({m * p + 128}, 99, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.matmul(x._handle, y._handle, out._handle, {m}, {n}, {p})",
    )
    for before, after in (("a", "x"), ("b", "y")):
        seen(f"{text}; {after}", made[after]).returns(made[before], rtol=0, because="only out is written to.")
    return out_of(made, text)


def of_sizes(m, n, p):
    """Multiply matrices of these sizes, and expect each element to be its row's with its column's."""
    out = product(f"np.resize({SMALL}, {m * n})", f"np.resize({OTHERS}, {n * p})", m, n, p)
    rows = [[SMALL[(i * n + k) % 7] for k in range(n)] for i in range(m)]
    columns = [[OTHERS[(k * p + j) % 5] for k in range(n)] for j in range(p)]
    expected = [
        math.fsum(x * y for x, y in zip(row, column, strict=True)) for row in rows for column in columns
    ]
    because = f"row 0 of a is {rows[0][:6]}, column 0 of b {columns[0][:6]}{' and so on' * (n > 6)}."
    out.returns(expected, rtol=0, because=f"out[i, j] lies at place i * {p} + j: {because}")


def test_two_small_matrices_are_multiplied_as_worked_by_hand():
    because = "[[1, 2, 3], [4, 5, 6]] @ [[1, 0], [0, 1], [2, -1]]: for instance 1 * 1 + 2 * 0 + 3 * 2 = 7."
    out = product("[1, 2, 3, 4, 5, 6]", "[1, 0, 0, 1, 2, -1]", 2, 3, 2)
    out.returns([7, -1, 16, -1], rtol=0, because=because)


def test_what_was_in_out_before_is_not_added():
    because = "[[1, 2], [3, 4]] @ [[5], [6]] = [[17], [39]]; out held 99 before."
    product("[1, 2, 3, 4]", "[5, 6]", 2, 2, 1).returns([17, 39], rtol=0, because=because)


def test_the_factors_are_not_swapped():
    because = "[[1, 2], [3, 4]] @ [[0, 1], [1, 0]] swaps columns: the other way round it would swap rows."
    product("[1, 2, 3, 4]", "[0, 1, 1, 0]", 2, 2, 2).returns([2, 1, 4, 3], rtol=0, because=because)


def test_one_number_times_one_number():
    product("[3]", "[-2]", 1, 1, 1).returns([-6], rtol=0)


def test_a_row_times_a_column_is_one_number_and_a_column_times_a_row_a_matrix():
    product("[1, 2, 3]", "[4, 5, 6]", 1, 3, 1).returns([32], rtol=0, because="4 + 10 + 18 = 32.")
    because = "with n = 1, out[i, j] = a[i] * b[j]."
    product("[1, 2, 3]", "[4, 5]", 3, 1, 2).returns([4, 5, 8, 10, 12, 15], rtol=0, because=because)


def test_a_product_over_nothing_is_0():
    because = "(2, 0) @ (0, 3): each element is a sum of no products."
    product("[]", "[]", 2, 0, 3).returns([0] * 6, rtol=0, because=because)


def test_matrices_of_many_sizes_are_multiplied():
    for m, n, p in ((8, 8, 8), (7, 9, 8), (16, 33, 5), (40, 3, 31), (1, 50, 64), (64, 50, 1), (37, 41, 43)):
        of_sizes(m, n, p)


def test_nothing_beside_a_and_b_is_read():
    made, text = run(
        "device = ndl.cpu()",
        "around = np.full((2, 12), 1e6, dtype=np.float32)",
        "around[:, 3:9] = [[1, 2, 3, 4, 5, 6], [1, 0, 0, 1, 2, -1]]",
        "room = np.full(8, -7, dtype=np.float32)",
        "a, b, out = map(ndl.backend_ndarray.from_dlpack, (around[0, 3:9], around[1, 3:9], room[2:6]))",
        "device.matmul(a._handle, b._handle, out._handle, 2, 3, 2)",
    )
    because = "[[1, 2, 3], [4, 5, 6]] @ [[1, 0], [0, 1], [2, -1]]. Around them lie other numbers."
    expected = [-7, -7, 7, -1, 16, -1, -7, -7]
    seen(f"{text}; room", made["room"]).returns(expected, rtol=0, because=because)


@reproducible
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))
def test_matrices_of_any_sizes_are_multiplied(m, n, p):
    of_sizes(m, n, p)
