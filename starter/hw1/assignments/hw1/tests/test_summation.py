"""summation: sums worked by hand, each way of naming axes, then any axes of any shape."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, axes_of, reproducible, shapes


@st.composite
def arrays_with_axes(draw):
    """Draw an array, and what names some of its axes."""
    shape = draw(shapes())
    return draw(arrays(shape)), draw(axes_of(shape))


def test_all_numbers_are_summed_by_default():
    a = ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")
    because = "1 + 2 + 3 + 4 + 5 + 6 = 21, and no axis is left: the shape is ()."
    call(ndl.summation, a).returns(21, because=because)


def test_one_axis_of_a_matrix_is_summed_and_gone():
    a = ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")
    call(ndl.summation, a, axes=1).returns(
        [6, 15], because="1 + 2 + 3 and 4 + 5 + 6: axis 1 runs along a row."
    )


def test_axis_zero_is_an_axis():
    a = ndl.Tensor([[1, 2, 3], [4, 5, 6]], dtype="float32")
    because = "1 + 4, 2 + 5, 3 + 6. Mind that 0 is false in an `if`: only None means all axes."
    call(ndl.summation, a, axes=0).returns([5, 7, 9], because=because)


def test_a_negative_axis_counts_from_the_end():
    a = ndl.Tensor([[[1, 2]], [[3, 4]]], dtype="float32")
    call(ndl.summation, a, axes=-1).returns(
        [[3], [7]], because="the last axis of (2, 1, 2) is summed: (2, 1)."
    )
    call(ndl.summation, a, axes=-3).returns(
        [[4, 6]], because="-3 is the first of three axes: (1, 2) is left."
    )


def test_several_axes_are_summed_at_once():
    a = ndl.Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], dtype="float32")
    because = "axis 1 stays: 1 + 2 + 5 + 6 = 14 and 3 + 4 + 7 + 8 = 22."
    call(ndl.summation, a, axes=(0, 2)).returns([14, 22], because=because)
    because = "the last axis stays: 1 + 3 + 5 + 7 = 16 and 2 + 4 + 6 + 8 = 20."
    call(ndl.summation, a, axes=(0, 1)).returns([16, 20], because=because)


def test_several_axes_may_be_named_in_any_order_and_from_the_end():
    a = ndl.Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], dtype="float32")
    because = "these are axes 0 and 2 again: 1 + 2 + 5 + 6 = 14 and 3 + 4 + 7 + 8 = 22."
    for axes in ((2, 0), (-1, 0), (0, -1), (-3, 2), (-1, -3)):
        call(ndl.summation, a, axes=axes).returns([14, 22], because=because)


def test_float32_stays_float32_and_the_input_is_unchanged():
    for dtype in ("float32", "float64"):
        a = ndl.Tensor([[1.5, 2], [3, -4]], dtype=dtype)
        for axes in (None, 0, (0, 1)):
            made = call(ndl.summation, a, axes=axes)
            made.has_dtype(dtype, because="a sum has the dtype of its terms.").keeps("a")


@reproducible
@given(arrays_with_axes())
def test_each_sum_adds_what_agrees_in_all_other_axes(drawn):
    a, axes = drawn
    gone = {*range(a.ndim)} if axes is None else {axis % a.ndim for axis in np.atleast_1d(axes).tolist()}
    left = [axis for axis in range(a.ndim) if axis not in gone]
    terms = {}
    for place in np.ndindex(a.shape):
        terms.setdefault(tuple(place[axis] for axis in left), []).append(float(a[place]))
    sums = [math.fsum(numbers) for numbers in terms.values()]
    because = f"axes {sorted(gone)} of {a.shape} are summed and gone; {left or 'none'} stay, in their order."
    expected = np.reshape(sums, [a.shape[axis] for axis in left])
    call(ndl.summation, ndl.Tensor(a), axes=axes).returns(expected, because=because)


@reproducible
@given(arrays_with_axes(), st.sampled_from([2, -1, 0.5]))
def test_the_sums_of_a_multiple_are_multiples_of_the_sums(drawn, factor):
    a, axes = ndl.Tensor(drawn[0]), drawn[1]
    scaled = ndl.mul_scalar(ndl.summation(a, axes), factor)
    because = f"a tensor was multiplied with {factor} before this call: so is each sum, positive or negative."
    call(ndl.summation, ndl.mul_scalar(a, factor), axes=axes).returns(scaled, because=because)
