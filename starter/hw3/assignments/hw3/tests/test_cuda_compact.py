"""cuda_compact: views worked by hand, any view one element at a time, and more than one block of elements."""

import math

import numpy as np
from hypothesis import given

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible
from grader.expect.views import views

run = runner(np=np, ndl=ndl)
device = pick_device(ndl.cuda(), ndl.cuda_sim())


def compact(memory, shape, strides, offset):
    """Copy a view of some memory into an array that holds -7 everywhere, and expect the memory to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"memory = {memory}",
        "a = device.array(memory)",
        f"out = device.full(({math.prod(shape)},), -7)",
        f"device.compact(a._handle, out._handle, {shape}, {strides}, {offset})",
    )
    seen(f"{text}; a", made["a"]).returns(made["memory"], rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def test_a_compact_array_is_copied():
    because = "with the strides of a compact array, element k lies at place k."
    compact("[5, 6, 7, 8, 9, 10]", [2, 3], [3, 1], 0).returns([5, 6, 7, 8, 9, 10], rtol=0, because=because)


def test_a_transposed_matrix_comes_out_row_by_row():
    because = "element (i, j) lies at place 1 * i + 3 * j, so the first row is at places 0 and 3."
    compact("[0, 1, 2, 3, 4, 5]", [3, 2], [1, 3], 0).returns([0, 3, 1, 4, 2, 5], rtol=0, because=because)


def test_a_slice_starts_at_its_offset():
    because = "rows 1 and 2 of a 3 x 4 matrix, columns 1 and 2: the first element is at place 5."
    compact("np.arange(12.0)", [2, 2], [4, 1], 5).returns([5, 6, 9, 10], rtol=0, because=because)


def test_a_stride_of_0_repeats_elements():
    because = "stride 0 along the rows: each row is the same three elements."
    compact("[7, 8, 9]", [2, 3], [0, 1], 0).returns([7, 8, 9, 7, 8, 9], rtol=0, because=because)


def test_a_negative_stride_goes_backwards():
    because = "each row starts at its last place, 2 or 5, and goes back by 1."
    compact("[0, 1, 2, 3, 4, 5]", [2, 3], [3, -1], 2).returns([2, 1, 0, 5, 4, 3], rtol=0, because=because)


def test_one_element_is_an_array_too():
    because = "a view without axes has one element, at the offset."
    compact("[0, 1, 2, 3]", [], [], 2).returns([2], rtol=0, because=because)


def test_axes_of_length_1_move_nothing():
    because = "their index is always 0, so their stride does not matter."
    compact("[0, 1, 2]", [1, 3, 1], [50, 1, -50], 0).returns([0, 1, 2], rtol=0, because=because)


def test_eight_axes_are_all_counted():
    shape, strides = [2] * 8, [2**axis for axis in range(8)]
    because = "the axes are reversed: the bits of element k's number, read backwards, are its place."
    expected = np.array([int(f"{k:08b}"[::-1], 2) for k in range(256)])
    compact("np.arange(256.0)", shape, strides, 0).returns(expected, rtol=0, because=because)


def test_many_elements_need_more_than_one_block_and_the_last_may_be_partly_filled():
    for size in (255, 256, 257, 512, 600, 1025):
        because = f"element k of out is the number {size - 1} - k: the array is read backwards."
        out = compact(f"np.arange({size}.0)", [size], [-1], size - 1)
        out.returns(np.arange(size)[::-1], rtol=0, because=because)


def test_a_large_transposed_matrix_comes_out_row_by_row():
    expected = np.array([37 * j + i for i in range(37) for j in range(41)])
    because = "element (i, j) lies at place i + 37 * j. Lengths and strides are of different axes."
    compact("np.arange(1517.0)", [37, 41], [1, 37], 0).returns(expected, rtol=0, because=because)


@reproducible
@given(views(repeating=True))
def test_any_view_comes_out_in_row_major_order(view):
    places = view.places()
    because = f"memory holds its own places. The view's elements lie at {places[:12]}, in row-major order."
    out = compact(f"np.arange({view.memory}.0)", view.shape, view.strides, view.offset)
    out.returns(places, rtol=0, because=because)
