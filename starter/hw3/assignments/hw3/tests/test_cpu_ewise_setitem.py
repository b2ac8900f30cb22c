"""cpu_ewise_setitem: views worked by hand, any view one element at a time, and what lies outside of them."""

import math

import numpy as np
from hypothesis import given

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible
from grader.expect.views import views

run = runner(np=np, ndl=ndl)
pick_device(ndl.cpu())


def written(memory, shape, strides, offset):
    """Write 1, 2, 3, ... to a view of an array that holds -7 everywhere, and expect these to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"a = device.array(np.arange(1.0, {math.prod(shape) + 1}))",
        f"size = {memory}",
        "room = np.full(3 * size + 128, -7, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[size + 64 : 2 * size + 64])",
        f"device.ewise_setitem(a._handle, out._handle, {shape}, {strides}, {offset})",
    )
    numbers = [*range(1, math.prod(shape) + 1)]
    seen(f"{text}; a", made["a"]).returns(numbers, rtol=0, because="only out is written to.")
    around = [*made["room"][: memory + 64], *made["room"][2 * memory + 64 :]]
    because = "out is the middle of room: what lies around it belongs to others."
    text_around = f"{text}; [*room[:size + 64], *room[2 * size + 64:]]"
    seen(text_around, around).returns([-7] * (2 * memory + 128), rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def with_numbers_at(places, memory):
    """Return what an array holds with 1, 2, 3, ... at these places, and -7 elsewhere."""
    numbers = dict(zip(places, range(1, len(places) + 1), strict=True))
    return [numbers.get(place, -7) for place in range(memory)]


def test_a_whole_array_is_written():
    because = "with strides (3, 1), element (i, j) goes to place 3 i + j."
    written(6, [2, 3], [3, 1], 0).returns([1, 2, 3, 4, 5, 6], rtol=0, because=because)


def test_a_column_is_written_and_what_lies_between_stays():
    because = "column 1 of a 3 x 3 matrix lies at the places 1, 4 and 7. All others stay -7."
    expected = [-7, 1, -7, -7, 2, -7, -7, 3, -7]
    written(9, [3, 1], [3, 1], 1).returns(expected, rtol=0, because=because)


def test_a_is_read_row_by_row_whatever_the_strides_are():
    because = "a is compact: its element (i, j) is number 2 i + j. It goes to place i + 3 j of out."
    written(6, [3, 2], [1, 3], 0).returns([1, 3, 5, 2, 4, 6], rtol=0, because=because)


def test_a_negative_stride_goes_back():
    because = "from place 3 on, one place back each time. Place 4 lies outside of the view."
    written(5, [4], [-1], 3).returns([4, 3, 2, 1, -7], rtol=0, because=because)
    because = "every second column of every second row of a 3 x 4 matrix, from the last row on, backwards."
    expected = [-7, 4, -7, 3, -7, -7, -7, -7, -7, 2, -7, 1]
    written(12, [2, 2], [-8, -2], 11).returns(expected, rtol=0, because=because)


def test_a_view_without_axes_has_one_element():
    because = "no index, so nothing is added to the offset; the product of no lengths is 1."
    written(4, [], [], 2).returns([-7, -7, 1, -7], rtol=0, because=because)


def test_an_axis_of_length_1_has_a_stride_that_is_never_used():
    because = "its index is 0, and stays 0."
    written(4, [1, 3, 1], [50, 1, -50], 0).returns([1, 2, 3, -7], rtol=0, because=because)


def test_there_may_be_many_axes():
    places = [int(f"{k:010b}"[::-1], 2) for k in range(1024)]
    because = "ten axes in reverse order: element k goes where its ten bits, read backwards, say."
    out = written(1024, [2] * 10, [2**axis for axis in range(10)], 0)
    out.returns(with_numbers_at(places, 1024), rtol=0, because=because)


def test_a_block_of_a_large_matrix_is_written():
    places = [63 * (i + 2) + j + 5 for i in range(29) for j in range(47)]
    because = "29 rows of 47, from row 2 and column 5 on, of a 33 x 63 matrix. All others stay -7."
    out = written(33 * 63, [29, 47], [63, 1], 2 * 63 + 5)
    out.returns(with_numbers_at(places, 33 * 63), rtol=0, because=because)


@reproducible
@given(views(max_dims=5))
def test_any_view_is_written_and_nothing_else(view):
    places = view.places()
    because = f"1, 2, 3, ... go to the places {places[:12]}. All others stay -7."
    out = written(view.memory, view.shape, view.strides, view.offset)
    out.returns(with_numbers_at(places, view.memory), rtol=0, because=because)
