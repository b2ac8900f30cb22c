"""Slopes that are measured, beside those that are known."""

import math

import numpy as np
import pytest
from expect.tensors import Tensor

from grader.expect import central_differences


def test_the_slopes_of_a_product_are_the_other_factor_weighed() -> None:
    a, b, weights = np.array([1.0, 2.0]), np.array([3.0, -5.0]), np.array([2.0, 10.0])
    of_a, of_b = central_differences(lambda x, y: x * y, a, b, out_grad=weights)
    np.testing.assert_allclose(of_a, [6, -50], rtol=1e-9)
    np.testing.assert_allclose(of_b, [2, 20], rtol=1e-9)


@pytest.mark.parametrize("x", [1e-3, 1.0, 300.0, -40.0, 1e6])
def test_a_slope_is_good_to_eight_digits_at_small_and_large_numbers(x) -> None:
    [slope] = central_differences(lambda x: x**3, np.array(x), out_grad=np.array(1.0))
    assert math.isclose(slope, 3 * x * x, rel_tol=1e-8, abs_tol=1e-9)


def test_scalar_loops_over_nested_lists_are_differentiated_like_arrays() -> None:
    def row_sums(x):
        return [math.fsum(row) ** 2 for row in x.tolist()]

    [slopes] = central_differences(row_sums, np.array([[1, 2], [0, 4]]), out_grad=[1, 10])
    np.testing.assert_allclose(slopes, [[6, 6], [80, 80]], rtol=1e-9)


def test_the_function_gets_float64_wrapped_as_asked_and_may_return_a_tensor() -> None:
    dtypes = set()

    def twice(x):
        dtypes.add(x.array.dtype.name)
        return Tensor(2 * x.array)

    [slopes] = central_differences(
        twice, np.ones(2, dtype=np.float32), out_grad=np.ones(2, dtype=np.float32), wrap=Tensor
    )
    np.testing.assert_allclose(slopes, [2, 2], rtol=1e-9)
    assert dtypes == {"float64"}


def test_the_arrays_stay_as_they_were_even_if_the_function_writes_into_its_argument() -> None:
    x = np.array([1.0, 2.0])

    def square_in_place(a):
        a *= a
        return a

    [slopes] = central_differences(square_in_place, x, out_grad=np.ones(2))
    np.testing.assert_allclose(slopes, [2, 4], rtol=1e-9)
    assert x.tolist() == [1, 2]


def test_a_float32_outcome_is_measured_with_steps_that_it_can_tell_apart() -> None:
    [slope] = central_differences(lambda x: np.float32(x * x), np.array(3.0), out_grad=1.0)
    assert math.isclose(slope, 6, rel_tol=1e-3)
