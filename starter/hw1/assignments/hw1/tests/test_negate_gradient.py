"""negate_gradient: what arrives with one sign leaves with the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import gradient
from grader.expect.drawing import arrays, reproducible, shapes

a_with_out_grad = shapes(0, 3, 3).flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))


def test_growing_an_input_shrinks_the_outcome_as_much():
    a = ndl.Tensor([7], dtype="float32")
    because = "out = -a, so out falls by 1 as a grows by 1. Each unit of out weighs 3 here, which makes -3."
    gradient(ndl.negate, a, out_grad=[3])[0].returns([-3], because=because)


def test_every_element_has_the_weight_of_its_own_place():
    a = ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    because = "element [i, j] of out depends on element [i, j] of a alone, whatever number stands there."
    gradient(ndl.negate, a, out_grad=[[1, -2], [0, 4]])[0].returns([[-1, 2], [0, -4]], because=because)


@reproducible
@given(a_with_out_grad)
def test_the_gradient_is_the_measured_slope_for_any_shape(drawn):
    a, out_grad = drawn
    gradient(ndl.negate, ndl.Tensor(a), out_grad=out_grad).agrees_with_differences().keeps()


def test_float32_and_float64_stay_what_they_are():
    for dtype in (np.float32, np.float64):
        gradient(ndl.negate, ndl.Tensor([1, -2], dtype=dtype)).keeps_dtype()


def test_the_gradient_is_a_part_of_the_graph():
    gradient(ndl.negate, ndl.Tensor([1, -2], dtype="float32")).can_be_differentiated_again()
