"""cpu_scalar_setitem: views worked by hand, any view one element at a time, and what lies outside of them."""

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
pick_device(ndl.cpu())


def written(memory, shape, strides, offset, number=5.5):
    """Write a number to a view of an array that holds 0, 1, 2, ..."""
    made, text = run(
        "device = ndl.cpu()",
        f"size = {memory}",
        "room = np.full(3 * size + 128, -7, dtype=np.float32)",
        "room[size + 64 : 2 * size + 64] = np.arange(size)",
        "out = ndl.backend_ndarray.from_dlpack(room[size + 64 : 2 * size + 64])",
        f"device.scalar_setitem({math.prod(shape)}, {number}, out._handle, {shape}, {strides}, {offset})",
    )
    around = [*made["room"][: memory + 64], *made["room"][2 * memory + 64 :]]
    because = "out is the middle of room: what lies around it belongs to others."
    text_around = f"{text}; [*room[:size + 64], *room[2 * size + 64:]]"
    seen(text_around, around).returns([-7] * (2 * memory + 128), rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def with_number_at(places, memory, number=5.5):
    """Return what an array holds with the number at these places, and 0, 1, 2, ... elsewhere."""
    return [number if place in places else place for place in range(memory)]


def test_a_whole_array_is_written():
    written(4, [2, 2], [2, 1], 0).returns([5.5] * 4, rtol=0)


def test_a_column_is_written_and_what_lies_between_stays():
    because = "column 1 of a 2 x 3 matrix lies at the places 1 and 4."
    written(6, [2, 1], [3, 1], 1).returns([0, 5.5, 2, 3, 5.5, 5], rtol=0, because=because)


def test_what_lies_before_the_offset_stays():
    because = "from place 2 on, every third one: 2, 5 and 8."
    written(10, [3], [3], 2).returns([0, 1, 5.5, 3, 4, 5.5, 6, 7, 5.5, 9], rtol=0, because=because)


def test_a_negative_stride_goes_back():
    because = "from place 4 on, back by 2: 4, 2 and 0."
    written(6, [3], [-2], 4).returns([5.5, 1, 5.5, 3, 5.5, 5], rtol=0, because=because)


def test_a_repeated_element_is_written_all_the_same():
    because = "with a stride of 0 along the rows, both rows lie at the places 1 and 2."
    written(4, [2, 2], [0, 1], 1).returns([0, 5.5, 5.5, 3], rtol=0, because=because)


def test_a_view_without_axes_has_one_element():
    because = "no index, so nothing is added to the offset; the product of no lengths is 1."
    written(4, [], [], 3).returns([0, 1, 2, 5.5], rtol=0, because=because)


def test_there_may_be_many_axes():
    because = "ten axes of length 2 with the strides 1, 3, 9, ...: places whose digits in base 3 are 0 and 1."
    places = [sum(3**axis * (k >> axis & 1) for axis in range(10)) for k in range(1024)]
    memory = places[-1] + 2
    out = written(memory, [2] * 10, [3**axis for axis in range(10)], 0, number=-1)
    out.returns(with_number_at({*places}, memory, -1), rtol=0, because=because)


@reproducible
@given(views(max_dims=5, repeating=True), st.sampled_from([-0.5, 100.25]))
def test_any_view_is_written_and_nothing_else(view, number):
    places = view.places()
    because = f"the view's elements lie at the places {places[:12]}. All others stay."
    out = written(view.memory, view.shape, view.strides, view.offset, number)
    out.returns(with_number_at({*places}, view.memory, number), rtol=0, because=because)
