"""cuda_matmul: products worked by hand, sums of products one by one, and sizes that no tile divides."""

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

SMALL = [1, -2, 3, 0, 2, -1, 1]  # whole numbers: float32 sums them exactly, in any order
OTHERS = [2, 1, -1, 3, -2]


def product(a, b, m, n, p, out="device.full({shape}, 99)"):
    """Multiply two matrices, given as Python, into an array that holds 99s, and expect them to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"a, b = {a}, {b}",
        "x, y = device.array(a), device.array(b)",
        f"out = {out.format(shape=(m, p))}",
        f"device.matmul(x._handle, y._handle, out._handle, {m}, {n}, {p})",
    )
    for before, after in (("a", "x"), ("b", "y")):
        seen(f"{text}; {after}", made[after]).returns(made[before], rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def of_sizes(m, n, p):
    """Multiply matrices of these sizes, and expect each element to be its row's with its column's."""
    out = product(f"np.resize({SMALL}, ({m}, {n}))", f"np.resize({OTHERS}, ({n}, {p}))", m, n, p)
    rows = [[SMALL[(i * n + k) % 7] for k in range(n)] for i in range(m)]
    columns = [[OTHERS[(k * p + j) % 5] for k in range(n)] for j in range(p)]
    sums = [
        [math.fsum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in rows
    ]
    because = f"out[i, j] is the sum of a[i, k] * b[k, j] over k, of which there are {n}."
    out.returns(np.array(sums), rtol=0, because=because)


def test_nothing_is_read_from_out():
    because = "[[1, 2], [3, 4]] @ [[5], [6]] is [[17], [39]], whatever out held before."
    out = product("[[1, 2], [3, 4]]", "[[5], [6]]", 2, 2, 1, out="device.empty({shape})")
    out.returns([[17], [39]], rtol=0, because=because)


def test_two_small_matrices_are_multiplied_as_worked_by_hand():
    because = "out[0, 0] = 1 * 1 + 2 * 0 + 3 * 2 = 7, out[0, 1] = 1 * 0 + 2 * 1 + 3 * -1 = -1, and so on."
    out = product("[[1, 2, 3], [4, 5, 6]]", "[[1, 0], [0, 1], [2, -1]]", 2, 3, 2)
    out.returns([[7, -1], [16, -1]], rtol=0, because=because)


def test_one_number_times_one_number():
    product("[[3]]", "[[-2]]", 1, 1, 1).returns([[-6]], rtol=0)


def test_a_row_times_a_column_is_one_number():
    for n in (1, 7, 8, 9, 31, 33, 64, 100, 257):
        because = f"{n} ones times {n} ones."
        product(f"np.ones((1, {n}))", f"np.ones(({n}, 1))", 1, n, 1).returns([[n]], rtol=0, because=because)


def test_a_column_times_a_row_is_a_matrix():
    expected = np.array([[i * (10 + j) for j in range(35)] for i in range(37)])
    because = "with n = 1, out[i, j] = a[i, 0] * b[0, j], here i * (10 + j)."
    out = product("np.arange(37.0).reshape(37, 1)", "np.arange(10.0, 45).reshape(1, 35)", 37, 1, 35)
    out.returns(expected, rtol=0, because=because)


def test_a_matrix_times_the_identity_stays_what_it_is():
    for n in (8, 32, 33):
        because = f"the identity of {n} x {n} changes nothing."
        out = product(f"np.arange({40 * n}.0).reshape(40, {n})", f"np.eye({n})", 40, n, n)
        out.returns(np.array([[i * n + j for j in range(n)] for i in range(40)]), rtol=0, because=because)


def test_sizes_that_tiles_divide():
    for m, n, p in ((8, 8, 8), (16, 8, 16), (32, 32, 32), (64, 32, 32), (32, 32, 64), (32, 64, 32)):
        of_sizes(m, n, p)


def test_sizes_one_more_and_one_less_than_tiles_divide():
    for m, n, p in ((7, 7, 7), (9, 8, 8), (8, 9, 8), (8, 8, 9), (31, 31, 31), (33, 32, 32), (32, 33, 32)):
        of_sizes(m, n, p)
    for m, n, p in ((32, 32, 33), (33, 33, 33), (65, 33, 31), (63, 65, 66), (70, 51, 67)):
        of_sizes(m, n, p)


@reproducible
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))
def test_small_matrices_of_any_sizes_are_multiplied(m, n, p):
    of_sizes(m, n, p)


@reproducible
@given(st.integers(1, 70), st.integers(1, 20), st.integers(1, 70))
def test_matrices_of_more_than_one_block_are_multiplied(m, n, p):
    of_sizes(m, n, p)
