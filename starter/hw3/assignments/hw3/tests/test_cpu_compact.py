"""cpu_compact: views worked by hand, any view one element at a time, and what lies beside out."""

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


def out_of(made, text):
    """Return out, to be checked, and expect what lies around it to be as it was."""
    around = [*made["room"][:64], *made["room"][-64:]]
    because = "out is the middle of room: what lies around it belongs to others."
    seen(f"{text}; [*room[:64], *room[-64:]]", around).returns([-7] * 128, rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def compact(memory, shape, strides, offset):
    """Copy a view of some memory into an array that holds -7 everywhere, and expect the memory to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"memory = {memory}",
        "a = device.array(memory)",
        f"room = np.full({math.prod(shape) + 128}, -7, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.compact(a._handle, out._handle, {shape}, {strides}, {offset})",
    )
    seen(f"{text}; a", made["a"]).returns(made["memory"], rtol=0, because="only out is written to.")
    return out_of(made, text)


def test_a_compact_array_is_copied():
    because = "with strides (3, 1), element (i, j) lies at place 3 i + j: in its order already."
    compact("[5, 6, 7, 8, 9, 10]", [2, 3], [3, 1], 0).returns([5, 6, 7, 8, 9, 10], rtol=0, because=because)


def test_the_last_axis_is_counted_first():
    because = "element (i, j) lies at place i + 3 j: row 0 at 0 and 3, row 1 at 1 and 4, row 2 at 2 and 5."
    compact("[0, 1, 2, 3, 4, 5]", [3, 2], [1, 3], 0).returns([0, 3, 1, 4, 2, 5], rtol=0, because=because)


def test_the_first_element_lies_at_the_offset():
    because = "rows 1 and 2, columns 1 and 2 of a 3 x 4 matrix: element (0, 0) lies at place 4 + 1 = 5."
    compact("np.arange(12.0)", [2, 2], [4, 1], 5).returns([5, 6, 9, 10], rtol=0, because=because)


def test_a_stride_of_0_repeats():
    because = "a row further lies the same row: it is copied twice."
    compact("[7, 8, 9]", [2, 3], [0, 1], 0).returns([7, 8, 9, 7, 8, 9], rtol=0, because=because)
    because = "a column further lies the same element: each is copied twice."
    compact("[7, 8, 9]", [3, 2], [1, 0], 0).returns([7, 7, 8, 8, 9, 9], rtol=0, because=because)


def test_a_negative_stride_goes_back():
    because = "from place 5 on, a row is 3 places back and a column 1: the strides have a sign."
    compact("[0, 1, 2, 3, 4, 5]", [2, 3], [-3, -1], 5).returns([5, 4, 3, 2, 1, 0], rtol=0, because=because)


def test_a_view_without_axes_has_one_element():
    because = "no index, so nothing is added to the offset; the product of no lengths is 1."
    compact("[0, 10, 20, 30]", [], [], 2).returns([20], rtol=0, because=because)


def test_an_axis_of_length_1_has_a_stride_that_is_never_used():
    because = "its index is 0, and stays 0."
    compact("[0, 1, 2]", [1, 3, 1], [50, 1, -50], 0).returns([0, 1, 2], rtol=0, because=because)


def test_there_may_be_many_axes():
    because = "ten axes in reverse order: element k lies where its ten bits, read backwards, say."
    expected = [int(f"{k:010b}"[::-1], 2) for k in range(1024)]
    out = compact("np.arange(1024.0)", [2] * 10, [2**axis for axis in range(10)], 0)
    out.returns(expected, rtol=0, because=because)


@reproducible
@given(views(max_dims=5, repeating=True))
def test_any_view_comes_out_in_row_major_order(view):
    places = view.places()
    because = f"memory holds its own places. The view's elements lie at {places[:12]}, in row-major order."
    out = compact(f"np.arange({view.memory}.0)", view.shape, view.strides, view.offset)
    out.returns(places, rtol=0, because=because)
