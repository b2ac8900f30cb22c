"""undilate: the first of every few elements; and the gradients of dilate and undilate, each the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, gradient
from grader.expect.drawing import arrays, reproducible, shapes


@st.composite
def dilated(draw):
    """Draw some axes, in any order and from both ends, a number of zeros, and an array that it divides."""
    shape, dilation = draw(shapes(1, 3, 2)), draw(st.integers(0, 2))
    one = st.integers(-len(shape), len(shape) - 1)
    axes = tuple(draw(st.lists(one, unique_by=lambda axis: axis % len(shape))))
    steps = [1] * len(shape)
    for axis in axes:
        steps[axis] = dilation + 1
    wide = tuple(side * step for side, step in zip(shape, steps, strict=True))
    return draw(arrays(wide, nonzero=True)), shape, steps, axes, dilation


def kept(wide, shape, steps):
    """Return, element by element, those at multiples of the steps."""
    found = np.zeros(shape)
    for at in np.ndindex(shape):
        found[at] = wide[tuple(index * step for index, step in zip(at, steps, strict=True))]
    return found


def row(*numbers):
    return ndl.Tensor(numbers, dtype="float32")


def test_the_first_of_every_two_or_three_stays():
    because = "dilation 1 puts one element behind each: every second one goes, whatever it is."
    call(ndl.undilate, row(1, 9, 2, 9, 3, 9), (0,), 1).returns([1, 2, 3], because=because)
    because = "dilation 2 puts two elements behind each."
    call(ndl.undilate, row(1, 8, 9, 2, 8, 9), (0,), 2).returns([1, 2], because=because)
    call(ndl.undilate, row(1, 2), (0,), 0).returns([1, 2], because="dilation 0 puts none.")


def test_only_the_axes_that_are_named_shrink():
    a = ndl.Tensor([[1, 2], [3, 4]], dtype="float32")
    for axes, expected in [
        ((0,), [[1, 2]]),
        ((1,), [[1], [3]]),
        ((0, 1), [[1]]),
        (-1, [[1], [3]]),
        ((0, 2), [[1, 2]]),
        ((2,), [[1, 2], [3, 4]]),
    ]:
        because = f"{axes} is named; an axis that the tensor has not is passed over."
        call(ndl.undilate, a, axes, 1).returns(expected, because=because)


def test_the_gradient_of_dilate_takes_the_weights_of_the_elements_and_not_those_of_the_zeros():
    because = (
        "1, 2 stand at places 0 and 2 of the outcome, whose weights are 5 and 7; the zeros move nothing."
    )
    gradient(ndl.dilate, row(1, 2), (0,), 1, out_grad=[5, 6, 7, 8])[0].returns([5, 7], because=because)
    a = ndl.Tensor([[1, 2]], dtype="float32")
    out_grad = [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    because = "with two zeros, and along both axes: the weights at [0, 0] and [0, 3]."
    gradient(ndl.dilate, a, (1, 0), 2, out_grad=out_grad)[0].returns([[1, 4]], because=because)


def test_the_gradient_of_undilate_is_zero_where_an_element_was_left_out():
    because = "elements 0 and 2 stay, with the weights 5 and 7; 1 and 3 have no say, so 0."
    gradient(ndl.undilate, row(1, 2, 3, 4), (0,), 1, out_grad=[5, 7])[0].returns(
        [5, 0, 7, 0], because=because
    )
    a = ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")
    because = "along axis 1 one of three stays."
    gradient(ndl.undilate, a, (-1,), 2, out_grad=[[5], [7]])[0].returns(
        [[5, 0, 0], [7, 0, 0]], because=because
    )


@reproducible
@given(dilated())
def test_the_elements_at_multiples_stay(drawn):
    wide, shape, steps, axes, dilation = drawn
    made = call(ndl.undilate, ndl.Tensor(wide), axes, dilation)
    made.returns(kept(wide, shape, steps), because=f"those at multiples of {steps} along the axes.").keeps()


@reproducible
@given(dilated())
def test_undilate_takes_the_zeros_of_dilate_away_again(drawn):
    _, shape, _, axes, dilation = drawn
    a = np.arange(1, np.prod(shape) + 1, dtype=np.float32).reshape(shape)
    there = ndl.dilate(ndl.Tensor(a), axes, dilation)
    call(ndl.undilate, there, axes, dilation).returns(a, because="these are the elements that were spread.")


@reproducible
@given(dilated())
def test_the_gradients_are_zero_for_what_was_put_in_or_left_out(drawn):
    wide, shape, steps, axes, dilation = drawn
    small = kept(wide, shape, steps)
    found = gradient(ndl.dilate, ndl.Tensor(np.zeros(shape, dtype=np.float32)), axes, dilation, out_grad=wide)
    found.keeps()[0].returns(small, because="each element's weight is that of the place where it went.")
    a = ndl.Tensor(np.zeros(wide.shape, dtype=np.float32))
    found = gradient(ndl.undilate, a, axes, dilation, out_grad=small).keeps()
    expected = np.zeros(wide.shape)
    for at in np.ndindex(shape):
        expected[tuple(index * step for index, step in zip(at, steps, strict=True))] = small[at]
    found[0].returns(expected, because="an element that stays has its own weight, the others 0.")


def test_both_gradients_are_parts_of_the_graph():
    gradient(ndl.dilate, row(1, 2), (0,), 1).can_be_differentiated_again()
    gradient(ndl.undilate, row(1, 2, 3, 4), (0,), 1).can_be_differentiated_again()
