"""getitem: where a slice begins, how far apart its elements lie, and how many there are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import raises, runner, seen, shown_as
from grader.expect.drawing import reproducible
from grader.expect.views import views

run = runner(np=np, ndl=ndl)
ends = st.one_of(st.none(), st.integers(-5, 5))
slices = st.builds(slice, ends, ends, st.sampled_from([None, 1, 2, 3, -1, -2]))

views_and_indices = views(max_dims=3, max_side=4, repeating=True).flatmap(
    lambda view: st.tuples(
        st.just(view),
        st.tuples(*[st.one_of(st.integers(-side, side - 1), slices) for side in view.shape]).flatmap(
            lambda index: st.integers(0, len(index)).map(lambda count: index[:count])
        ),
    )
)


def counted(*shape):
    """Return, as Python, an array of 0, 1, 2, ... in row-major order."""
    return f"a = ndl.NDArray(np.arange({math.prod(shape)}).reshape({shape}), device=ndl.cpu_numpy())"


def viewed(shape, strides, offset):
    """Return, as Python, a view of the memory of `a`."""
    return f"a = ndl.NDArray.make({shape}, {strides}, a.device, a._handle, {offset})"


def written(index):
    """Return an index as it stands between brackets."""
    parts = []
    for one in index:
        numbers = [one.start, one.stop, one.step] if isinstance(one, slice) else [one]
        parts.append(":".join("" if number is None else str(number) for number in numbers))
    return ", ".join(parts) if parts else "()"


def taken(*lines, index):
    """Take a part of the array that some lines make, and expect a view of the same memory."""
    made, text = run(*lines, f"b = a[{index}]")
    a, b = made["a"], seen(f"{text}; b", made["b"]).has_type(ndl.NDArray).value
    if b._handle is not a._handle:
        seen(text, b).fail("the elements were copied", "b._handle is another one", "b._handle is a._handle")
    return a, b, text


def test_a_slice_is_an_offset_a_length_and_a_stride():
    _, b, text = taken(counted(3, 4), index="1:3, 0:4:2")
    because = "rows 1 and 2, columns 0 and 2: as many as range(1, 3) and range(0, 4, 2) have."
    seen(f"{text}; b.shape", b.shape).returns((2, 2), because=because)
    because = "the first element, a[1, 0], is 1 * 4 + 0 * 1 elements further than a's."
    seen(f"{text}; b._offset", b._offset).returns(4, because=because)
    because = "the next row is 4 elements on; the next column of b is 2 columns of a on."
    seen(f"{text}; b.strides", b.strides).returns((4, 2), because=because)
    seen(f"{text}; b", b).returns([[4, 6], [8, 10]])


def test_the_last_element_before_stop_counts():
    for index, expected in [("0:5:2", [0, 2, 4]), ("0:4:2", [0, 2]), ("1:7:3", [1, 4]), ("1:8:3", [1, 4, 7])]:
        _, b, text = taken(counted(8), index=index)
        because = "it has ceil((stop - start) / step) elements."
        seen(f"{text}; b", b).returns(expected, because=because)


def test_a_whole_number_keeps_its_axis():
    because = "unlike NumPy's, our indices keep each axis: a whole number shows one element along it."
    for index, expected in [("1, 2", [[6]]), ("1, :", [[4, 5, 6, 7]]), (":, 3", [[3], [7], [11]])]:
        _, b, text = taken(counted(3, 4), index=index)
        seen(f"{text}; b", b).returns(expected, because=because)


def test_axes_that_are_not_named_are_taken_whole():
    for index, expected in [
        ("1", [[[4, 5], [6, 7]]]),
        ("1:", [[[4, 5], [6, 7]]]),
        ("1, 0", [[[4, 5]]]),
        ("()", [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
    ]:
        _, b, text = taken(counted(2, 2, 2), index=index)
        seen(f"{text}; b", b).returns(expected, because="what is named belongs to the first axes.")


def test_an_ellipsis_stands_for_all_axes_that_are_not_named():
    for index, expected in [
        ("..., 1", [[[1], [3]], [[5], [7]]]),
        ("1, ...", [[[4, 5], [6, 7]]]),
        ("0, ..., 0", [[[0], [2]]]),
        ("0, ..., 1, 1", [[[3]]]),
        ("...", [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
    ]:
        _, b, text = taken(counted(2, 2, 2), index=index)
        seen(f"{text}; b", b).returns(expected, because="`a[..., 1]` is a[:, :, 1] here.")


def test_negative_numbers_count_from_the_end():
    for index, expected in [("-1", [3]), ("-4", [0]), ("-3:-1", [1, 2]), (":-2", [0, 1]), ("-100:2", [0, 1])]:
        _, b, text = taken(counted(4), index=index)
        seen(f"{text}; b", b).returns(expected, because="-1 is the last element; slices end at the ends.")


def test_a_negative_step_goes_back():
    _, b, text = taken(counted(2, 4), index=":, ::-1")
    because = "it begins at the last column, 3 elements on, and each step goes 1 element back."
    seen(f"{text}; b._offset", b._offset).returns(3, because=because)
    seen(f"{text}; b.strides", b.strides).returns((4, -1), because=because)
    seen(f"{text}; b", b).returns([[3, 2, 1, 0], [7, 6, 5, 4]], because=because)
    for index, expected in [("::-2", [4, 2, 0]), ("3:0:-1", [3, 2, 1]), ("3::-3", [3, 0]), ("-2:1:-2", [3])]:
        _, b, text = taken(counted(5), index=index)
        seen(f"{text}; b", b).returns(expected, because="stop itself is left out, in this direction too.")


def test_an_empty_slice_has_the_length_0():
    for index, shape in [("2:2", (0, 4)), ("3:1", (0, 4)), ("5:9", (0, 4)), (":, 1:3:-1", (3, 0))]:
        _, b, text = taken(counted(3, 4), index=index)
        seen(f"{text}; b.shape", b.shape).returns(shape, because="a length is never negative.")


def test_a_part_of_a_view_begins_at_the_views_offset_and_takes_its_strides():
    _, b, text = taken(counted(12), viewed((2, 3), (-4, 2), 7), index="1, 1:")
    because = "a shows [[7, 9, 11], [3, 5, 7]], from place 7 on; a[1, 1] is -4 + 2 elements from there."
    seen(f"{text}; b._offset", b._offset).returns(5, because=because)
    seen(f"{text}; b", b).returns([[5, 7]], because=because)


def test_parts_of_parts_add_up():
    _, b, text = taken(counted(20), "a = a[2:18:3]", "a = a[::-1]", index="1:4:2")
    because = "2, 5, 8, 11, 14, 17; backwards 17, 14, 11, ...; of these the second and the fourth."
    seen(f"{text}; b._offset", b._offset).returns(14, because=because)
    seen(f"{text}; b.strides", b.strides).returns((-6,), because="3 times -1 times 2.")
    seen(f"{text}; b", b).returns([14, 8], because=because)


def test_what_is_written_to_a_part_is_written_to_the_array():
    made, text = run(counted(3, 4), "a[1:, ::2] = 50")
    expected = [[0, 1, 2, 3], [50, 5, 50, 7], [50, 9, 50, 11]]
    because = "the part is a view of a's memory, and no element beside it changes."
    seen(f"{text}; a", made["a"]).returns(expected, because=because)


def test_the_array_itself_stays_as_it_is():
    a, _, text = taken(counted(3, 4), index="1:, ::-1")
    seen(f"{text}; a.shape", a.shape).returns((3, 4), because="another view is returned; a stays a's.")
    seen(f"{text}; (*a.strides, a._offset)", (*a.strides, a._offset)).returns((4, 1, 0))


def test_an_array_without_axes_is_taken_whole():
    for index in ("()", "..."):
        _, b, text = taken("a = ndl.NDArray(7, device=ndl.cpu_numpy())", index=index)
        seen(f"{text}; b", b).returns(7)


@pytest.mark.parametrize(
    ("index", "because"),
    [
        (3, "a has the rows 0, 1 and 2."),
        (-4, "-3 is row 0, and before it there is none."),
        ((0, 4), "a has the columns 0 to 3."),
        ((slice(None), -5), "-4 is column 0, and before it there is none."),
        ((0, 0, 0), "a has two axes, and not three."),
    ],
    ids=str,
)
def test_what_is_not_there_is_refused(index, because):
    a = run(counted(3, 4))[0]["a"]
    part = shown_as("a.__getitem__", a.__getitem__, setup=counted(3, 4))
    raises(IndexError, part, index, because=because)


@reproducible
@given(views_and_indices)
def test_any_index_shows_the_elements_that_lists_would_show(drawn):
    view, index = drawn
    where = viewed(tuple(view.shape), tuple(view.strides), view.offset)
    a, b, text = taken(counted(view.memory), where, index=written(index))
    whole = [*index, *[slice(None)] * (len(view.shape) - len(index))]
    shown = [
        list(range(side))[one] if isinstance(one, slice) else [one]
        for side, one in zip(view.shape, whole, strict=True)
    ]
    because = f"along its axes it shows the indices {shown} of a."
    seen(f"{text}; b.shape", b.shape).returns([len(one) for one in shown], because=because)
    before, after = a.numpy(), b.numpy()
    for at in np.ndindex(*b.shape):
        there = tuple(one[place] for one, place in zip(shown, at, strict=True))
        because = f"b[{at}] is a[{there}]."
        seen(f"{text}; b.numpy()[{at}]", after[at]).returns(before[there], because=because)
