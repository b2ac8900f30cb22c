"""add: numbers stay numbers, arrays stay arrays, and nothing that came in is changed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from simple_ml import add

from grader.expect import call
from grader.expect.drawing import reproducible


def test_two_whole_numbers_give_a_whole_python_number():
    call(add, 2, 3).returns(5).has_type(int, because="Python's + of two ints is an int; NumPy is not needed.")


def test_two_floats_give_a_python_float():
    call(add, 0.5, -2.25).returns(-1.75).has_type(float)


def test_negative_numbers_keep_their_sign():
    call(add, -3, 1).returns(-2)
    call(add, 4, -9).returns(-5)


def test_arrays_are_added_element_by_element():
    x = np.array([[1, 2], [3, 4]], dtype=np.float32)
    y = np.array([[10, 20], [-30, 0.5]], dtype=np.float32)
    call(add, x, y).returns([[11, 22], [-27, 4.5]]).has_dtype(np.float32)


def test_a_number_is_added_to_every_element():
    call(add, np.array([1.0, 2.0]), 10).returns([11, 12])


def test_the_inputs_are_unchanged():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    call(add, x, y).returns([4, 7]).keeps(
        "x", "y", because="x += y writes into the caller's array; x + y does not."
    )


@reproducible
@given(st.integers(-1000, 1000), st.lists(st.integers(-1000, 1000), min_size=1, max_size=5))
def test_each_element_of_the_sum_is_the_sum_of_the_elements(number, numbers):
    doubled = [number * 2 for _ in numbers]
    call(add, np.array(numbers), np.array(doubled)).returns([n + 2 * number for n in numbers])
