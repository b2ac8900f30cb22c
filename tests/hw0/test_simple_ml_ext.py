"""hw0's C++: equal to the NumPy epoch, and strict about what it is given."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from simple_ml_ext import softmax_regression_epoch_cpp as epoch_cpp

ROOT = Path(__file__).parents[2]


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problem(seed=0, examples=57, features=11, classes=5):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(examples, features)).astype(np.float32)
    y = rng.integers(0, classes, size=examples).astype(np.uint8)
    return X, y, rng.normal(size=(features, classes)).astype(np.float32)


@pytest.mark.parametrize("batch", [1, 10, 57, 100])
def test_an_epoch_in_cpp_is_the_epoch_in_numpy(batch):
    numpy_epoch = load("hw0_reference", ROOT / "reference" / "hw0" / "simple_ml.py").softmax_regression_epoch
    X, y, theta = problem()
    expected = theta.copy()
    numpy_epoch(X, y, expected, lr=0.2, batch=batch)
    assert epoch_cpp(X=X, y=y, theta=theta, lr=0.2, batch=batch) is None
    np.testing.assert_allclose(theta, expected, rtol=1e-4, atol=1e-5)


def test_logits_beyond_exps_range_stay_finite():
    theta = np.array([[1000.0, 0.0]], dtype=np.float32)
    epoch_cpp(np.ones((1, 1), dtype=np.float32), np.array([1], dtype=np.uint8), theta, lr=1.0, batch=1)
    np.testing.assert_array_equal(theta, [[999.0, 1.0]])


def test_no_examples_leave_theta_as_it_is():
    X, y, theta = problem(examples=0)
    before = theta.copy()
    epoch_cpp(X, y, theta)
    np.testing.assert_array_equal(theta, before)


def read_only(array):
    array.setflags(write=False)
    return array


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"theta": lambda a: a.astype(np.float64)}, "theta is float64. Expected float32."),
        ({"y": lambda a: a.astype(np.int64)}, "y is int64. Expected uint8."),
        ({"theta": np.asfortranarray}, "theta is not C-contiguous. Expected a compact row-major array"),
        ({"X": lambda a: a[:, ::2]}, "X is not C-contiguous."),
        (
            {"theta": lambda a: a[:-1].copy()},
            r"theta is of shape (10, 5). Expected one row for each of the 11",
        ),
        (
            {"y": lambda a: a[:-1].copy()},
            "y is of shape (56,). Expected one label for each of the 57 rows of X.",
        ),
        ({"X": lambda a: a.ravel()}, "X is of shape (627,). Expected 2 dimension(s)."),
        ({"y": lambda a: a + np.uint8(1)}, "y is a label too large for theta. Expected labels under 5"),
        ({"theta": read_only}, "theta is read-only. Expected an array that can be updated in place."),
        ({"batch": lambda _: 0}, "batch is 0. Expected at least 1."),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nothing_changes(change, says):
    given = dict(zip(("X", "y", "theta"), problem(), strict=True), batch=10)
    for name, changed in change.items():
        given[name] = changed(given[name])
    before = given["theta"].copy()
    with pytest.raises(ValueError, match="softmax_regression_epoch_cpp: ") as refused:
        epoch_cpp(**given)
    assert says in str(refused.value)
    np.testing.assert_array_equal(given["theta"], before)
