"""Figures against a loop over Python numbers."""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.grading.figures import FIGURES, error_rate, mean_squared_error

steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)
labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20)


@steady
@given(labels, st.sampled_from(["uint8", "int32", "int64"]), st.sampled_from(["uint8", "int64"]))
def test_the_error_rate_is_the_share_of_wrong_classes(
    pairs: list[tuple[int, int]], one: str, other: str
) -> None:
    predictions, right = (np.array(side) for side in zip(*pairs, strict=True))
    wrong = sum(a != b for a, b in pairs)
    found = error_rate(predictions.astype(one), right.astype(other))
    assert found == pytest.approx(float(Fraction(wrong, len(pairs))), rel=1e-15)


@steady
@given(hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-9, 9, width=32)))
def test_the_mean_squared_error_is_computed_in_float64(values: npt.NDArray[Any]) -> None:
    right = values[::-1] * np.float32(0.5)
    pairs = zip(values.ravel().tolist(), right.ravel().tolist(), strict=True)
    exact = sum((Fraction(a) - Fraction(b)) ** 2 for a, b in pairs) / values.size
    assert mean_squared_error(values, right) == pytest.approx(float(exact), rel=1e-12)


def test_unsigned_labels_do_not_wrap_around() -> None:
    assert mean_squared_error(np.array([0], np.uint8), np.array([1], np.uint8)) == 1.0


def test_huge_predictions_give_an_infinite_figure_and_no_warning() -> None:
    assert mean_squared_error(np.array([1e200]), np.array([-1e200])) == float("inf")


def test_a_figure_is_found_by_its_functions_name() -> None:
    assert {name: function.__name__ for name, function in FIGURES.items()} == {name: name for name in FIGURES}
