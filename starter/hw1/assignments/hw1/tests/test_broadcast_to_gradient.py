"""broadcast_to_gradient: an element that was repeated counts as often as it stands in the outcome."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, broadcast_pairs, reproducible

pairs_with_arrays = broadcast_pairs(4, 3).flatmap(
    lambda pair: st.tuples(arrays(pair[0]), st.just(pair[1]), arrays(pair[1]))
)


def test_a_number_that_was_repeated_gets_the_sum_over_its_copies():
    a = ndl.Tensor([5], dtype="float32")
    because = "a[0] stands three times in the outcome, with the weights 1, 2 and 4: 1 + 2 + 4 = 7."
    gradient(ndl.broadcast_to, a, (3,), out_grad=[1, 2, 4])[0].returns([7], because=because)


def test_an_added_leading_axis_is_summed_and_gone():
    a = ndl.Tensor([5, 6], dtype="float32")
    because = "(2,) became (3, 2): a[j] stands in column j of each row, so the gradient sums the rows."
    gradient(ndl.broadcast_to, a, (3, 2), out_grad=[[1, 2], [3, 4], [5, 6]])[0].returns(
        [9, 12], because=because
    )


def test_an_inner_axis_of_length_one_is_summed_and_stays():
    a = ndl.Tensor([[5], [6]], dtype="float32")
    because = "(2, 1) became (2, 3): a[i, 0] stands all along row i. The gradient has the shape (2, 1) too."
    gradient(ndl.broadcast_to, a, (2, 3), out_grad=[[1, 2, 3], [4, 5, 6]])[0].returns(
        [[6], [15]], because=because
    )


def test_leading_and_inner_axes_are_summed_together():
    a = ndl.Tensor([[5], [6]], dtype="float32")
    out_grad = [[[1, 2], [3, 4]], [[10, 20], [30, 40]]]
    because = "(2, 1) became (2, 2, 2): a[i, 0] stands at [k, i, j] for all k and j: 1 + 2 + 10 + 20 = 33."
    gradient(ndl.broadcast_to, a, (2, 2, 2), out_grad=out_grad)[0].returns([[33], [77]], because=because)


def test_axes_of_equal_length_are_told_apart_by_their_place():
    a = ndl.Tensor([5, 6], dtype="float32")
    because = "(2,) became (2, 2). Shapes are aligned from the right, so it is the first axis that is new."
    gradient(ndl.broadcast_to, a, (2, 2), out_grad=[[1, 2], [30, 40]])[0].returns([31, 42], because=because)


def test_a_single_number_gets_the_sum_of_all():
    a = ndl.Tensor(5, dtype="float32")
    gradient(ndl.broadcast_to, a, (2, 2), out_grad=[[1, 2], [3, 4]])[0].returns(
        10, because="() has no axes: all those of the outcome are new, and the gradient is one number."
    )


def test_where_nothing_was_repeated_nothing_is_summed():
    a = ndl.Tensor([[5, 6]], dtype="float32")
    because = "(1, 2) became (1, 2): each element stands once, with its own weight."
    gradient(ndl.broadcast_to, a, (1, 2), out_grad=[[3, 4]])[0].returns([[3, 4]], because=because)


@reproducible
@given(pairs_with_arrays)
def test_the_gradient_is_the_measured_slope_for_any_two_shapes(drawn):
    a, shape, out_grad = drawn
    gradient(ndl.broadcast_to, ndl.Tensor(a), shape, out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are_and_the_graph_goes_on():
    for dtype in (np.float32, np.float64):
        found = gradient(ndl.broadcast_to, ndl.Tensor([[1], [2]], dtype=dtype), (3, 2, 2))
        found.keeps_dtype().can_be_differentiated_again()
