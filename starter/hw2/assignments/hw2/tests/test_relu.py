"""relu: hw1's op as a module, on a few numbers, on any, and on the way back."""

import numpy as np
from hypothesis import given

import needle as ndl
from grader.expect import backward, call, seen, shown_as
from grader.expect.drawing import arrays, reproducible, shapes


def relu():
    """Return a new module, which failures show as the Python that makes it."""
    return shown_as("ndl.nn.ReLU()", ndl.nn.ReLU())


def test_negative_numbers_become_zero_and_positive_ones_stay():
    x = ndl.Tensor([[-2, 3], [0, -0.5]], dtype="float32")
    because = "what is above 0 stays, all else is 0."
    call(relu(), x).returns([[0, 3], [0, 0]], because=because).keeps(
        because="the op makes a new tensor: nothing is written into x."
    )


def test_it_does_the_same_in_training_and_in_use():
    module = ndl.nn.ReLU()
    x = ndl.Tensor([-2, 3], dtype="float32")
    first = call(shown_as("ndl.nn.ReLU()", module), x)
    module.eval()
    second = call(shown_as("relu", module, setup="relu = ndl.nn.ReLU(); relu.eval()"), x)
    for made in (first, second):
        made.returns([0, 3], because="only dropout and batch norm ask whether the network trains.")


def test_it_has_nothing_to_learn():
    module = ndl.nn.ReLU()
    call(shown_as("ndl.nn.ReLU()", module), ndl.Tensor([[1, -1]], dtype="float32")).returns([[1, 0]])
    count = seen("relu = ndl.nn.ReLU(); len(relu.parameters())", len(module.parameters()))
    count.returns(0, because="its outcome depends on x alone.")


def test_a_gradient_passes_where_x_is_above_zero():
    x = ndl.Tensor([-2, 3, 0, 5], dtype="float32")
    because = "the weights 10, 20, 30 and 40 pass at 3 and 5; at 0 hw1's relu has the slope 0."
    backward(relu(), x, out_grad=[10, 20, 30, 40])[0].returns([0, 20, 0, 40], because=because)


@reproducible
@given(arrays(shapes(max_dims=3)))
def test_each_element_of_any_shape_is_itself_or_zero(x):
    one_by_one = [number if number > 0 else 0 for number in x.ravel().tolist()]
    because = "each number for itself: if it is above 0 it stays, otherwise 0 takes its place."
    made = call(relu(), ndl.Tensor(x)).returns(np.reshape(one_by_one, x.shape), because=because)
    made.has_dtype(np.float32).keeps()


def test_float64_stays_float64():
    x = ndl.Tensor([-1, 2.5], dtype="float64")
    call(relu(), x).returns([0, 2.5]).has_dtype(np.float64, because="x decides on the dtype.")
