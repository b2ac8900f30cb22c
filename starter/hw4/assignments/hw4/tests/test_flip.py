"""flip: some axes run backwards, and their gradients run back again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, gradient
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def arrays_and_axes(draw):
    """Draw an array and some of its axes, in any order, some of them counted from the end."""
    shape = draw(shapes(1, 4, 3))
    one = st.integers(-len(shape), len(shape) - 1)
    return draw(arrays(shape)), tuple(draw(st.lists(one, unique_by=lambda axis: axis % len(shape))))


def mirrored(array, axes):
    """Return, element by element, an array whose named axes run backwards."""
    found = np.zeros(array.shape)
    for place in np.ndindex(array.shape):
        there = [*place]
        for axis in axes:
            there[axis] = array.shape[axis] - 1 - there[axis]
        found[place] = array[tuple(there)]
    return found


def matrix():
    return ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")


def test_only_the_axes_that_are_named_go_backwards():
    for axes, expected, because in [
        ((1,), [[3, 2, 1], [6, 5, 4]], "axis 1 runs along the rows."),
        ((0,), [[4, 5, 6], [1, 2, 3]], "axis 0 runs down the columns."),
        ((0, 1), [[6, 5, 4], [3, 2, 1]], "both: the last element comes first."),
        ((), [[1, 2, 3], [4, 5, 6]], "none."),
    ]:
        call(ndl.flip, matrix(), axes).returns(expected, because=because)


def test_an_axis_may_be_negative_or_a_number_alone():
    for axes in ((-1,), 1, -1):
        made = call(ndl.flip, matrix(), axes)
        made.returns([[3, 2, 1], [6, 5, 4]], because="axis -1 of two is axis 1.")


def test_the_gradient_goes_back_to_where_the_element_came_from():
    out_grad = [[1, 2, 3], [10, 20, 30]]
    because = "a's last column became the first one of the outcome: its weights are 1 and 10."
    for axes in ((1,), -1):
        found = gradient(ndl.flip, matrix(), axes, out_grad=out_grad)
        found[0].returns([[3, 2, 1], [30, 20, 10]], because=because)
    because = "a[0] became row 1 of the outcome, whose weights are 10, 20, 30."
    gradient(ndl.flip, matrix(), (0,), out_grad=out_grad)[0].returns(
        [[10, 20, 30], [1, 2, 3]], because=because
    )


@reproducible
@given(arrays_and_axes())
def test_each_element_is_found_at_its_mirrored_place(drawn):
    a, axes = drawn
    because = "an index i along a named axis of length n becomes n - 1 - i."
    call(ndl.flip, ndl.Tensor(a), axes).returns(mirrored(a, axes), because=because).keeps()


@reproducible
@given(arrays_and_axes())
def test_each_weight_goes_back_to_its_element(drawn):
    out_grad, axes = drawn
    a = ndl.Tensor(np.zeros(out_grad.shape, dtype=np.float32))
    because = "element i along a named axis of length n went to n - 1 - i, whose weight is its own."
    gradient(ndl.flip, a, axes, out_grad=out_grad).keeps()[0].returns(
        mirrored(out_grad, axes), because=because
    )


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.flip, matrix(), (0,)).can_be_differentiated_again()
