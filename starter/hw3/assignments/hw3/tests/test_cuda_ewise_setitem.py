"""cuda_ewise_setitem: views worked by hand, any view one element at a time, and what lies outside."""

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


def written(memory, shape, strides, offset):
    """Write 1, 2, 3, ... to a view of an array that holds -7 everywhere, and expect these to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"a = device.array(np.arange(1.0, {math.prod(shape) + 1}))",
        f"out = device.full(({memory},), -7)",
        f"device.ewise_setitem(a._handle, out._handle, {shape}, {strides}, {offset})",
    )
    numbers = [*range(1, math.prod(shape) + 1)]
    seen(f"{text}; a", made["a"]).returns(numbers, rtol=0, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def with_numbers_at(places, memory):
    """Return what an array holds with 1, 2, 3, ... at these places, and -7 elsewhere."""
    numbers = dict(zip(places, range(1, len(places) + 1), strict=True))
    return np.array([numbers.get(place, -7) for place in range(memory)])


def test_a_whole_array_is_written():
    because = "with the strides of a compact array, element k goes to place k."
    written(6, [2, 3], [3, 1], 0).returns([1, 2, 3, 4, 5, 6], rtol=0, because=because)


def test_a_column_is_written_and_its_neighbours_stay():
    because = "column 1 of a 3 x 3 matrix is at the places 1, 4 and 7. All others stay -7."
    expected = [-7, 1, -7, -7, 2, -7, -7, 3, -7]
    written(9, [3, 1], [3, 1], 1).returns(expected, rtol=0, because=because)


def test_elements_are_taken_row_by_row_whatever_the_strides():
    because = "element (i, j) goes to place 1 * i + 3 * j: row 0, which is [1, 2], to the places 0 and 3."
    written(6, [3, 2], [1, 3], 0).returns([1, 3, 5, 2, 4, 6], rtol=0, because=because)


def test_every_second_place_is_written():
    because = "the view starts at place 1 and goes on by 2."
    written(7, [3], [2], 1).returns([-7, 1, -7, 2, -7, 3, -7], rtol=0, because=because)


def test_a_negative_stride_goes_backwards():
    because = "the view starts at place 3 and goes back by 1. Place 4 is outside."
    written(5, [4], [-1], 3).returns([4, 3, 2, 1, -7], rtol=0, because=because)


def test_one_element_is_a_view_too():
    because = "a view without axes has one element, at the offset."
    written(4, [], [], 2).returns([-7, -7, 1, -7], rtol=0, because=because)


def test_eight_axes_are_all_counted():
    places = [int(f"{k:08b}"[::-1], 2) for k in range(256)]
    because = "the axes are reversed: the bits of element k's number, read backwards, are its place."
    out = written(256, [2] * 8, [2**axis for axis in range(8)], 0)
    out.returns(with_numbers_at(places, 256), rtol=0, because=because)


def test_many_elements_need_more_than_one_block_and_the_last_may_be_partly_filled():
    for size in (255, 256, 257, 512, 600, 1025):
        because = "every element is written, to every second place from 1 on; the others stay -7."
        expected = with_numbers_at(range(1, 2 * size, 2), 2 * size)
        written(2 * size, [size], [2], 1).returns(expected, rtol=0, because=because)


def test_a_large_block_of_a_matrix_is_written():
    places = [63 * (i + 2) + j + 5 for i in range(29) for j in range(47)]
    because = "29 rows of 47, from row 2 and column 5 on, of a 33 x 63 matrix. All others stay -7."
    out = written(33 * 63, [29, 47], [63, 1], 2 * 63 + 5)
    out.returns(with_numbers_at(places, 33 * 63), rtol=0, because=because)


@reproducible
@given(views())
def test_any_view_is_written_and_nothing_else(view):
    places = view.places()
    because = f"1, 2, 3, ... go to the places {places[:12]}. All others stay -7."
    out = written(view.memory, view.shape, view.strides, view.offset)
    out.returns(with_numbers_at(places, view.memory), rtol=0, because=because)
