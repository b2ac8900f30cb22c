"""negate: signs turned by hand, and sums that vanish."""

import numpy as np
from hypothesis import given

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible, shapes


def test_every_sign_turns():
    a = ndl.Tensor([1, -2, 0.5, 0], dtype="float32")
    because = "1 becomes -1 and -2 becomes 2: the sign turns, whatever it was. 0 has none."
    call(ndl.negate, a).returns([-1, 2, -0.5, 0], because=because)


def test_a_single_number_without_axes_is_negated_too():
    a = ndl.Tensor(-3, dtype="float32")
    call(ndl.negate, a).returns(3, because="a tensor of shape () holds one number.")


def test_float32_stays_float32_and_float64_stays_float64():
    for dtype in ("float32", "float64"):
        made = call(ndl.negate, ndl.Tensor([[0.5], [-4]], dtype=dtype))
        made.has_dtype(dtype, because="a sign changes no dtype.").returns([[-0.5], [4]])


def test_the_input_is_unchanged():
    because = "it may stand elsewhere in the graph: -a makes a new array, a *= -1 does not."
    call(ndl.negate, ndl.Tensor([1, -2], dtype="float32")).returns([-1, 2]).keeps("a", because=because)


@reproducible
@given(arrays(shapes()))
def test_a_tensor_and_its_negative_add_up_to_zero(array):
    a = ndl.Tensor(array)
    made = call(ndl.negate, a).has_shape(array.shape)
    because = "a + (-a) = 0, element by element, whatever the shape."
    made.then("a + y", ndl.add(a, made.value)).returns(np.zeros(array.shape), because=because)


@reproducible
@given(arrays(shapes()))
def test_negating_twice_gives_back_the_tensor(array):
    once = ndl.negate(ndl.Tensor(array))
    call(ndl.negate, once).returns(array, because="this tensor was negated once: every sign turns back.")
