"""flatten: elements counted in their order, for any shape, and on the way back."""

import math

import numpy as np
from hypothesis import given

import needle as ndl
from grader.expect import backward, call, seen, shown_as
from grader.expect.drawing import arrays, reproducible, shapes


def flatten():
    """Return a new module, which failures show as the Python that makes it."""
    return shown_as("ndl.nn.Flatten()", ndl.nn.Flatten())


def counted(*shape):
    """Return a tensor that counts 1, 2, 3, ... through its last axis first."""
    return ndl.Tensor(np.arange(1, math.prod(shape) + 1).reshape(shape), dtype="float32")


def elements(example):
    """Return an example's numbers, one after the other."""
    return [float(example[at]) for at in np.ndindex(example.shape)]


def test_each_example_becomes_a_row():
    because = "two examples of 2 x 2 numbers: the first holds 1 to 4, the second 5 to 8."
    call(flatten(), counted(2, 2, 2)).returns([[1, 2, 3, 4], [5, 6, 7, 8]], because=because)


def test_a_single_example_still_makes_a_batch():
    because = "the first axis counts the examples, and there is one: the batch axis stays."
    call(flatten(), counted(1, 2, 2)).returns([[1, 2, 3, 4]], because=because)


def test_examples_of_one_number_become_rows_of_one():
    because = "(3,) holds three examples, a number each: the outcome always has two axes."
    call(flatten(), counted(3)).returns([[1], [2], [3]], because=because)


def test_a_batch_of_rows_stays_as_it_is():
    because = "(3, 2) is flat already: each example is a row."
    call(flatten(), counted(3, 2)).returns([[1, 2], [3, 4], [5, 6]], because=because)


def test_a_gradient_gets_back_the_shape_of_x():
    because = "each number stands once in the outcome, and its weight goes back to its place."
    found = backward(flatten(), counted(2, 1, 2), out_grad=[[10, 20], [30, 40]])
    found[0].returns([[[10, 20]], [[30, 40]]], because=because)


def test_it_has_nothing_to_learn():
    module = ndl.nn.Flatten()
    call(shown_as("ndl.nn.Flatten()", module), counted(1, 1, 2)).returns([[1, 2]])
    count = seen("flatten = ndl.nn.Flatten(); len(flatten.parameters())", len(module.parameters()))
    count.returns(0, because="its outcome depends on x alone.")


@reproducible
@given(arrays(shapes(1, 5, 3)))
def test_the_elements_of_any_example_keep_their_order(x):
    because = "each example's numbers in the order of its axes, the last one running fastest."
    made = call(flatten(), ndl.Tensor(x)).returns([elements(example) for example in x], because=because)
    made.has_dtype(np.float32).keeps()
