"""cuda_scalar_setitem: views worked by hand, any view one element at a time, and what lies outside."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible
from grader.expect.views import views

run = runner(np=np, ndl=ndl)
device = pick_device(ndl.cuda(), ndl.cuda_sim())


def written(memory, number, shape, strides, offset):
    """Write a number to a view of an array that holds 0, 1, 2, ..."""
    size = math.prod(shape)
    made, text = run(
        f"device = ndl.{device}",
        f"out = device.array(np.arange({memory}.0))",
        f"device.scalar_setitem({size}, {number}, out._handle, {shape}, {strides}, {offset})",
    )
    return seen(f"{text}; out", made["out"])


def with_number_at(places, number, memory):
    """Return what the array holds with a number at these places."""
    chosen = set(places)
    return np.array([number if place in chosen else place for place in range(memory)])


def test_a_whole_array_is_written():
    because = "a compact view of 6 elements is the whole array."
    written(6, 2.5, [2, 3], [3, 1], 0).returns([2.5] * 6, rtol=0, because=because)


def test_a_column_is_written_and_its_neighbours_stay():
    because = "column 1 of a 3 x 3 matrix is at the places 1, 4 and 7. All others stay as they are."
    expected = [0, -1, 2, 3, -1, 5, 6, -1, 8]
    written(9, -1.0, [3, 1], [3, 1], 1).returns(expected, rtol=0, because=because)


def test_as_many_elements_are_written_as_the_view_has_not_as_the_array_has():
    because = "size is 3: the view has the places 0, 2 and 4 of an array of 300."
    expected = [-1, 1, -1, 3, -1, *range(5, 300)]
    written(300, -1.0, [3], [2], 0).returns(expected, rtol=0, because=because)


def test_a_negative_stride_goes_backwards():
    because = "the view starts at place 3 and goes back by 1. Places 0 and 4 are outside."
    written(5, -1.0, [3], [-1], 3).returns([0, -1, -1, -1, 4], rtol=0, because=because)


def test_one_element_is_a_view_too():
    because = "a view without axes has one element, at the offset."
    written(4, 9.0, [], [], 2).returns([0, 1, 9, 3], rtol=0, because=because)


def test_eight_axes_are_all_counted():
    strides = [3**axis for axis in range(8)]
    places = [sum(step for axis, step in enumerate(strides) if k >> axis & 1) for k in range(256)]
    because = "the view has those of 3 ** 8 places whose number has only the digits 0 and 1 in base 3."
    written(3**8, -1.0, [2] * 8, strides, 0).returns(
        with_number_at(places, -1, 3**8), rtol=0, because=because
    )


def test_many_elements_need_more_than_one_block_and_the_last_may_be_partly_filled():
    for size in (255, 256, 257, 512, 600, 1025):
        because = "every second place from 1 on becomes -1, up to the last; the others stay as they are."
        expected = with_number_at(range(1, 2 * size, 2), -1, 2 * size)
        written(2 * size, -1.0, [size], [2], 1).returns(expected, rtol=0, because=because)


def test_a_large_block_of_a_matrix_is_written():
    places = [63 * (i + 2) + j + 5 for i in range(29) for j in range(47)]
    because = "29 rows of 47, from row 2 and column 5 on, of a 33 x 63 matrix. All others stay as they are."
    out = written(33 * 63, -1.0, [29, 47], [63, 1], 2 * 63 + 5)
    out.returns(with_number_at(places, -1, 33 * 63), rtol=0, because=because)


@reproducible
@given(views(), st.sampled_from([-1.0, 0.5, -2.25]))
def test_any_view_is_written_and_nothing_else(view, number):
    places = view.places()
    because = f"the places {places[:12]} become {number}. All others stay as they are."
    out = written(view.memory, number, view.shape, view.strides, view.offset)
    out.returns(with_number_at(places, number, view.memory), rtol=0, because=because)
