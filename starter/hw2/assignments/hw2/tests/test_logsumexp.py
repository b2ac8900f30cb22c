"""logsumexp: numbers worked by hand, one sum at a time, and logits whose exponentials overflow."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, axes_of, reproducible, shapes

arrays_and_axes = shapes(0, 4, 3).flatmap(lambda shape: st.tuples(arrays(shape), axes_of(shape)))
LOG = math.log


def square():
    """Return a square, whose rows and columns have other sums of exponentials."""
    return ndl.Tensor([[0, LOG(3)], [LOG(2), LOG(6)]], dtype="float32")


def sums_of(exponentials, axes):
    """Return the sums over some axes as a list, in the order of the elements that they become."""
    dims = exponentials.ndim
    gone = {axis % dims for axis in ((axes,) if isinstance(axes, int) else axes or range(dims))}
    groups = {}
    for at in np.ndindex(exponentials.shape):
        kept = tuple(index for axis, index in enumerate(at) if axis not in gone)
        groups.setdefault(kept, []).append(float(exponentials[at]))
    return [math.fsum(group) for group in groups.values()]


def test_two_zeros_make_log_2():
    a = ndl.Tensor([0, 0], dtype="float32")
    call(ndl.logsumexp, a).returns(LOG(2), because="e^0 + e^0 = 2, and log 2 = 0.6931472.")


def test_each_row_column_or_all_is_summed_as_axes_says():
    because = "the exponentials are [[1, 3], [2, 6]]: "
    call(ndl.logsumexp, square(), axes=1).returns([LOG(4), LOG(8)], because=f"{because}the rows make 4, 8.")
    call(ndl.logsumexp, square(), axes=0).returns(
        [LOG(3), LOG(9)], because=f"{because}the columns make 3, 9."
    )
    call(ndl.logsumexp, square(), axes=None).returns(LOG(12), because=f"{because}all of them make 12.")


def test_an_axis_may_be_negative_or_alone_in_a_tuple():
    because = "axis -1 of two is axis 1: the exponentials of the rows, [1, 3] and [2, 6], make 4 and 8."
    for axes in (-1, (1,), (-1,)):
        call(ndl.logsumexp, square(), axes=axes).returns([LOG(4), LOG(8)], because=because)


def test_several_axes_may_stand_in_any_order_and_are_gone_afterwards():
    a = ndl.Tensor([[[0, LOG(2), 0], [LOG(3), 0, LOG(4)]]], dtype="float32")
    because = "axes 0 and 2 of (1, 2, 3) are summed: 1 + 2 + 1 = 4 and 3 + 1 + 4 = 8, of shape (2,)."
    for axes in ((0, 2), (2, 0), (-1, 0), (-3, 2)):
        call(ndl.logsumexp, a, axes=axes).returns([LOG(4), LOG(8)], because=because)


def test_no_exponential_overflows_or_vanishes():
    because = "e^10000 is too large for any float, but log(e^10000 + e^10000) = 10000 + log 2."
    a = ndl.Tensor([10000, 10000], dtype="float32")
    call(ndl.logsumexp, a).returns(10000 + LOG(2), rtol=1e-7, because=because)
    because = "e^-10000 is too small for any float, but log(e^-10000 + e^-10000) = -10000 + log 2."
    a = ndl.Tensor([-10000, -10000], dtype="float32")
    call(ndl.logsumexp, a).returns(-10000 + LOG(2), rtol=1e-7, because=because)


def test_each_sum_is_kept_from_overflowing_by_itself():
    a = ndl.Tensor([[10000, 10000], [-10000, -10000]], dtype="float32")
    because = "the rows lie far apart: what keeps the first one finite makes every e^z of the second one 0."
    call(ndl.logsumexp, a, axes=1).returns([10000 + LOG(2), -10000 + LOG(2)], rtol=1e-7, because=because)


@reproducible
@given(arrays_and_axes)
def test_any_shape_and_axes_give_the_logarithms_of_the_sums(drawn):
    a, axes = drawn
    sums = sums_of(np.exp(a.astype(np.float64)), axes)
    made = call(ndl.logsumexp, ndl.Tensor(a), axes=axes)
    because = f"the sums of the exponentials are {[round(one, 4) for one in sums[:8]]}."
    made.returns(np.reshape([LOG(one) for one in sums], np.sum(a, axis=axes).shape), because=because).keeps()


@reproducible
@given(arrays_and_axes, st.integers(-5000, 5000))
def test_adding_a_number_to_all_elements_adds_it_to_the_outcome(drawn, shift):
    a, axes = drawn
    before = ndl.logsumexp(ndl.Tensor(a), axes).numpy()
    because = "e^(z+c) = e^c e^z: e^c is a factor of the sum, and log(e^c) = c."
    call(ndl.logsumexp, ndl.Tensor(a + np.float32(shift)), axes=axes).returns(
        before + np.float32(shift), rtol=1e-6, because=because
    )


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        for axes in (None, 1):
            call(ndl.logsumexp, ndl.Tensor([[1, 2]], dtype=dtype), axes=axes).has_dtype(dtype)
