"""broadcast_to: a stride of 0 repeats without copying, on views of every kind, one element at a time."""

import math

import numpy as np
import pytest
from hypothesis import given

import needle as ndl
from grader.expect import raises, runner, seen, shown_as
from grader.expect.drawing import broadcast_pairs, reproducible

run = runner(np=np, ndl=ndl)


def counted(*shape):
    """Return, as Python, an array of 0, 1, 2, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange({math.prod(shape)}).reshape({shape}), device=ndl.cpu_numpy())"


def viewed(shape, strides, offset):
    """Return, as Python, a view of the memory of `a`."""
    return f"a = ndl.NDArray.make({shape}, {strides}, a.device, a._handle, {offset})"


def repeated(*lines, to):
    """Broadcast the array that some lines make, and expect a view of the same memory, from the same place."""
    made, text = run(*lines, f"b = a.broadcast_to({to})")
    a, b = made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value
    seen(f"{text}; b.shape", b.shape).returns(to)
    if b._handle is not a._handle:
        seen(text, b).fail("the elements were copied", "b._handle is another one", "b._handle is a._handle")
    seen(f"{text}; b._offset", b._offset).returns(a._offset, because="the first element stays the first one.")
    return a, b, text


def test_a_column_is_repeated_along_its_axis_of_length_1():
    _, b, text = repeated(counted(3, 1), to=(3, 4))
    because = "a column further lies the same element: 0 elements on. A row further lies the next one."
    seen(f"{text}; b.strides", b.strides).returns((1, 0), because=because)
    seen(f"{text}; b", b).returns([[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]])


def test_a_row_is_repeated_along_a_new_first_axis():
    _, b, text = repeated(counted(3), to=(2, 3))
    because = "shapes are aligned from the right: the new axis is the first one, and its stride is 0."
    seen(f"{text}; b.strides", b.strides).returns((0, 1), because=because)
    seen(f"{text}; b", b).returns([[0, 1, 2], [0, 1, 2]])


def test_several_axes_are_repeated_at_once():
    _, b, text = repeated(counted(2, 1, 3), to=(4, 2, 5, 3))
    because = "axes 0 and 2 are repeated; the others keep a's strides, 3 and 1."
    seen(f"{text}; b.strides", b.strides).returns((0, 3, 0, 1), because=because)


def test_a_number_without_axes_fills_any_shape():
    for to in [(), (3,), (2, 3)]:
        _, b, text = repeated("a = ndl.NDArray(7, device=ndl.cpu_numpy())", to=to)
        seen(f"{text}; b", b).returns([[7, 7, 7]] * 2 if len(to) == 2 else [7, 7, 7] if to else 7)


def test_a_view_keeps_its_offset_and_its_own_strides():
    _, b, text = repeated(counted(12), viewed((3, 1), (-4, 1), 9), to=(2, 3, 2))
    because = (
        "a shows the column 9, 5, 1: it goes 4 elements back for each row, which its shape doesn't tell."
    )
    seen(f"{text}; b", b).returns([[[9, 9], [5, 5], [1, 1]]] * 2, because=because)
    seen(f"{text}; b.strides", b.strides).returns((0, -4, 0), because=because)


def test_the_same_shape_gives_the_same_view():
    _, b, text = repeated(counted(6), viewed((3, 2), (1, 3), 0), to=(3, 2))
    seen(f"{text}; b.strides", b.strides).returns((1, 3), because="nothing is repeated.")


def test_the_array_itself_stays_as_it_is():
    a, _, text = repeated(counted(1, 3), to=(2, 3))
    seen(f"{text}; a.shape", a.shape).returns((1, 3), because="another view is returned; a stays a's.")
    seen(f"{text}; a.strides", a.strides).returns((3, 1))


def test_an_axis_of_length_1_may_be_repeated_0_times():
    repeated(counted(3, 1), to=(3, 0))
    repeated(counted(0, 3), to=(2, 0, 3))


@pytest.mark.parametrize(
    ("shape", "to", "because"),
    [
        ((3,), (4,), "only an axis of length 1 can be repeated, not one of 3."),
        ((2, 3), (4, 3), "only an axis of length 1 can be repeated, not one of 2."),
        ((3,), (3, 2), "aligned from the right, the 3 stands over the 2."),
        ((3, 1), (3,), "an axis can't be left out."),
        ((1, 3), (3,), "an axis can't be left out, not even one of length 1."),
        ((3,), (1,), "a repeated axis gets longer, never shorter."),
        ((2,), (), "an axis can't be left out."),
    ],
    ids=str,
)
def test_shapes_that_do_not_go_together_are_refused(shape, to, because):
    a = run(counted(*shape))[0]["a"]
    raises(ValueError, shown_as("a.broadcast_to", a.broadcast_to, setup=counted(*shape)), to, because=because)


@reproducible
@given(broadcast_pairs(max_dims=4, max_side=3))
def test_each_element_is_the_one_that_numpys_rule_names(drawn):
    shape, to = drawn
    a, b, text = repeated(counted(*shape), to=to)
    before, after = a.numpy(), b.numpy()
    for at in np.ndindex(*to):
        last = at[len(to) - len(shape) :]
        there = tuple(0 if side == 1 else index for side, index in zip(shape, last, strict=True))
        because = f"b[{at}] is a[{there}]: index 0 along each axis of length 1, no index for a new axis."
        seen(f"{text}; b.numpy()[{at}]", after[at]).returns(before[there], because=because)


@reproducible
@given(broadcast_pairs(max_dims=3, max_side=3))
def test_each_repeated_axis_has_the_stride_0(drawn):
    shape, to = drawn
    _, b, text = repeated(counted(*shape), to=to)
    padded = (1,) * (len(to) - len(shape)) + shape
    for axis, (side, longer) in enumerate(zip(padded, to, strict=True)):
        if side < longer:
            seen(f"{text}; b.strides[{axis}]", b.strides[axis]).returns(0)
