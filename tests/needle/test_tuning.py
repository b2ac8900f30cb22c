"""Settings of the fast kernels: passed on where there are such, checked everywhere."""

from typing import Any

import numpy as np
import pytest

import needle as ndl
from needle import Tensor
from needle.errors import SettingError
from needle.tuning import PRECISIONS

FAST = [one for one in ndl.all_devices() if getattr(one, "fast", None) is not None]


def test_the_number_of_threads_reaches_the_kernels_and_changes_no_result() -> None:
    numbers = np.random.default_rng(0).normal(size=(300, 200)).astype("float32")
    before = [one.fast.num_threads() for one in FAST if one.name == "cpu"]
    results = []
    try:
        for threads in (1, 2, 3):
            ndl.set_num_threads(threads)
            assert [one.fast.num_threads() for one in FAST if one.name == "cpu"] == [threads] * len(before)
            x = Tensor(numbers)
            results.append((ndl.exp(x).sum(0) + (x.transpose() @ x).sum(0)).numpy())
    finally:
        for threads in before:
            ndl.set_num_threads(threads)
    for one in results:
        np.testing.assert_allclose(one, results[0], rtol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_precision_is_taken_and_the_processor_stays_exact(precision: str) -> None:
    here = ndl.cpu() if ndl.cpu().enabled() else ndl.default_device()
    x = Tensor(np.random.default_rng(0).normal(size=(40, 40)), dtype="float32", device=here)
    ndl.set_matmul_precision(precision)
    try:
        np.testing.assert_allclose((x @ x).numpy(), x.numpy().astype("float64") @ x.numpy(), atol=1e-4)
    finally:
        ndl.set_matmul_precision("highest")


@pytest.mark.parametrize("n", [0, -1, 1025, 1.5, "2", None])
def test_a_number_of_threads_that_there_is_not_is_refused(n: Any) -> None:
    with pytest.raises(SettingError, match=r"set_num_threads: found .*\. Expected a whole number from 1"):
        ndl.set_num_threads(n)


@pytest.mark.parametrize("precision", ["float32", "", None, 1])
def test_a_precision_that_there_is_not_is_refused(precision: Any) -> None:
    with pytest.raises(SettingError, match=r"set_matmul_precision: found .*\. Expected 'highest'"):
        ndl.set_matmul_precision(precision)
