"""dilate: zeros behind every element, the last one's too."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, runner, seen
from grader.expect.drawing import arrays, reproducible, shapes


def used_device():
    """Return cpu_numpy() with memory that was used before: it holds 7s until something is written."""
    device = ndl.backend_ndarray.BackendDevice("cpu_numpy", ndl.cpu_numpy().mod)
    fresh = device.Array

    def used(size):
        memory = fresh(size)
        memory.array[:] = 7
        return memory

    device.Array = used
    return device


run = runner(np=np, ndl=ndl, used_device=used_device)


@st.composite
def arrays_axes_and_zeros(draw):
    """Draw an array, some of its axes, in any order and from both ends, and how many zeros."""
    shape = draw(shapes(1, 3, 3))
    one = st.integers(-len(shape), len(shape) - 1)
    axes = draw(st.lists(one, unique_by=lambda axis: axis % len(shape)))
    return draw(arrays(shape, nonzero=True)), tuple(axes), draw(st.integers(0, 3))


def matrix():
    return ndl.Tensor([[1, 2], [3, 4]], dtype="float32")


def test_a_zero_stands_behind_every_element_the_last_one_too():
    a = ndl.Tensor([1, 2, 3], dtype="float32")
    because = "one zero behind each: 3 * 2 = 6 numbers, and not 5 (zeros only between them)."
    call(ndl.dilate, a, (0,), 1).returns([1, 0, 2, 0, 3, 0], because=because)


def test_dilation_says_how_many_zeros():
    a = ndl.Tensor([1, 2], dtype="float32")
    call(ndl.dilate, a, (0,), 2).returns([1, 0, 0, 2, 0, 0], because="two zeros behind each: every third.")
    call(ndl.dilate, a, (0,), 0).returns([1, 2], because="no zeros.")


def test_only_the_axes_that_are_named_grow():
    for axes, expected in [
        ((0,), [[1, 2], [0, 0], [3, 4], [0, 0]]),
        ((1,), [[1, 0, 2, 0], [3, 0, 4, 0]]),
        ((0, 1), [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]),
        ((1, 0), [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]),
        ((), [[1, 2], [3, 4]]),
    ]:
        call(ndl.dilate, matrix(), axes, 1).returns(expected, because=f"of axes 0 and 1, {axes} is named.")


def test_an_axis_may_be_negative_or_a_number_alone():
    for axes in ((-1,), 1, -1):
        call(ndl.dilate, matrix(), axes, 1).returns(
            [[1, 0, 2, 0], [3, 0, 4, 0]], because="axis -1 of two is axis 1."
        )


def test_an_axis_that_the_tensor_has_not_is_passed_over():
    for axes in ((2,), (0, 2), (5, 0)):
        expected = [[1, 2], [0, 0], [3, 4], [0, 0]] if 0 in axes else [[1, 2], [3, 4]]
        because = "the tensor has the axes 0 and 1: 2 and beyond are none, and no mistake."
        call(ndl.dilate, matrix(), axes, 1).returns(expected, because=because)


def test_what_stands_between_is_zero_also_in_memory_that_was_used_before():
    made, text = run("a = ndl.Tensor([1, 2], device=used_device())", "y = ndl.dilate(a, (0,), 2)")
    because = "new memory holds whatever was there before, here 7s."
    y = seen(f"{text}; y", made["y"]).returns([1, 0, 0, 2, 0, 0], because=because).value
    if y.device != ndl.cpu_numpy():
        seen(f"{text}; y.device", y).fail(
            "y lies on another device", repr(y.device), "cpu_numpy(), as a does"
        )


@reproducible
@given(arrays_axes_and_zeros())
def test_every_element_stands_at_a_multiple_of_its_index_and_the_rest_is_zero(drawn):
    a, axes, dilation = drawn
    steps = [1] * a.ndim
    for axis in axes:
        steps[axis] = dilation + 1
    expected = np.zeros([side * step for side, step in zip(a.shape, steps, strict=True)])
    for at in np.ndindex(a.shape):
        expected[tuple(index * step for index, step in zip(at, steps, strict=True))] = a[at]
    because = f"a[i, j, ...] stands at index i * {dilation + 1} along a named axis, and at i along another."
    call(ndl.dilate, ndl.Tensor(a), axes, dilation).returns(expected, because=because).keeps()
