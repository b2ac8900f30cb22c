"""cpu_matmul_tiled: tiles worked by hand, sums of products one by one, and what lies beside the arrays."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

T = 8  # TILE: rows and columns of a tile
run = runner(np=np, ndl=ndl)
pick_device(ndl.cpu())
few = st.integers(1, 4)


def product(a, b, m, n, p):
    """Multiply two matrices into an array that holds 99s; return out as a list, and what to check it with.

    a and b are given as Python: element (i, j) in terms of i and j.
    """
    made, text = run(
        "device = ndl.cpu()",
        "in_tiles = lambda rows, columns, element: np.fromfunction("
        "lambda r, c, i, j: element(8 * r + i, 8 * c + j) + 0.0 * i, (rows // 8, columns // 8, 8, 8))",
        f"a = in_tiles({m}, {n}, lambda i, j: {a})",
        f"b = in_tiles({n}, {p}, lambda i, j: {b})",
        "x, y = device.array(a), device.array(b)",
        f"out = device.full(({m // T}, {p // T}, 8, 8), 99)",
        f"device.matmul_tiled(x._handle, y._handle, out._handle, {m}, {n}, {p})",
    )
    for before, after in (("a", "x"), ("b", "y")):
        seen(f"{text}; {after}", made[after]).returns(made[before], rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"]), made["a"], made["b"]


def matrix_in_tiles(element, rows, columns):
    """Return a matrix as nested lists: rows of tiles, tiles, rows of a tile, elements."""
    return [
        [[[element(T * r + i, T * c + j) for j in range(T)] for i in range(T)] for c in range(columns // T)]
        for r in range(rows // T)
    ]


def of_sizes(m, n, p):
    """Multiply matrices of small whole numbers, and expect each element to be its row's with its column's."""
    out, a, b = product("(3 * i + 5 * j) % 7 - 3", "(2 * i + 3 * j) % 5 - 1", m, n, p)

    def element(i, j):
        return math.fsum(a[i // T, k // T, i % T, k % T] * b[k // T, j // T, k % T, j % T] for k in range(n))

    because = (
        f"out has {m // T} x {p // T} tiles; element (i, j) lies in tile (i // 8, j // 8), at row i % 8, "
    )
    because += "column j % 8 of it, and is the sum of a[i, k] * b[k, j] over all k."
    out.returns(matrix_in_tiles(element, m, p), rtol=0, because=because)


def test_one_tile_times_the_identity_stays_what_it_is():
    out, _, _ = product("8 * i + j", "i == j", T, T, T)
    because = "a holds 0, 1, 2, ... and b is the identity of 8 x 8."
    out.returns(matrix_in_tiles(lambda i, j: 8 * i + j, T, T), rtol=0, because=because)


def test_the_factors_are_not_swapped():
    out, _, _ = product("8 * i + j", "i == (j + 1) % 8", T, T, T)
    because = "b moves columns: column j of out is column j + 1 of a. The other way round it would move rows."
    out.returns(matrix_in_tiles(lambda i, j: 8 * i + (j + 1) % T, T, T), rtol=0, because=because)


def test_the_products_of_several_tiles_are_added_and_what_was_in_out_is_not():
    out, _, _ = product("1", "1", T, 3 * T, T)
    because = "24 ones times 24 ones: 8 from each of three pairs of tiles. out held 99 before."
    out.returns(matrix_in_tiles(lambda i, j: 24, T, T), rtol=0, because=because)


def test_each_pair_of_tiles_goes_to_its_own_tile():
    out, _, _ = product("1 + i // 8", "1 + 10 * (j // 8)", 2 * T, T, 3 * T)
    because = "tile (r, c) of out is 8 (r + 1) (10 c + 1) everywhere; tile (1, 2), the last, is 8 * 2 * 21."
    expected = matrix_in_tiles(lambda i, j: 8 * (i // T + 1) * (10 * (j // T) + 1), 2 * T, 3 * T)
    out.returns(expected, rtol=0, because=because)


def test_only_tiles_that_stand_across_from_each_other_meet():
    out, _, _ = product("(i // 8 == 0) * (j // 8 == 1)", "1 + i // 8", 2 * T, 2 * T, T)
    because = "of a, tile (0, 1) is 1 and the others are 0: it meets tile (1, 0) of b, which is 2 everywhere."
    expected = matrix_in_tiles(lambda i, j: 16 if i < T else 0, 2 * T, T)
    out.returns(expected, rtol=0, because=because)


def test_a_product_over_nothing_is_0():
    out, _, _ = product("1", "1", T, 0, T)
    because = "(8, 0) @ (0, 8): each element is a sum of no products."
    out.returns(matrix_in_tiles(lambda i, j: 0, T, T), rtol=0, because=because)


def test_matrices_of_unequal_numbers_of_tiles_are_multiplied():
    for m, n, p in ((8, 16, 24), (24, 8, 16), (16, 24, 8), (32, 16, 16), (16, 32, 48)):
        of_sizes(m, n, p)


def test_nothing_beside_out_is_written():
    made, text = run(
        "device = ndl.cpu()",
        "room = np.full(256, -7, dtype=np.float32)",
        "start = 64 + -room.ctypes.data // 4 % 64",
        "out = ndl.backend_ndarray.from_dlpack(room[start:start + 64])",
        "x = device.array(np.ones(64))",
        "device.matmul_tiled(x._handle, x._handle, out._handle, 8, 8, 8)",
    )
    because = "a tile of ones times another; out is 64 places of room, at an address that 256 divides."
    start = made["start"]
    expected = [8 if start <= place < start + 64 else -7 for place in range(256)]
    seen(f"{text}; room", made["room"]).returns(expected, rtol=0, because=because)


@reproducible
@given(few, few, few)
def test_matrices_of_any_numbers_of_tiles_are_multiplied(rows, inner, columns):
    of_sizes(rows * T, inner * T, columns * T)
