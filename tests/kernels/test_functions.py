"""exp, log, tanh and powers keep the accuracy that their source states, over all of float32."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from strided_views import Array, fast, lacks, read, run_tests_with, shaped, uploaded

FUNCTIONS = {"exp": np.exp, "log": np.log, "tanh": np.tanh}
SAMPLES = 1 << 20


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_within_two_units_in_the_last_place_over_all_floats(name: str) -> None:
    step = (1 << 32) // SAMPLES
    for start in (0, step // 3):
        bits = np.arange(start, 1 << 32, step, dtype="uint64").astype("uint32")
        assert units_off(getattr(fast, name), FUNCTIONS[name], bits.view("float32").copy()) <= 2


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_within_two_units_in_the_last_place_where_it_matters(name: str) -> None:
    rng = np.random.default_rng(0)
    numbers = np.concatenate([rng.normal(0, scale, SAMPLES // 4) for scale in (0.1, 1, 10)]).astype("float32")
    numbers = abs(numbers) if name == "log" else numbers
    edges = np.float32(
        [-104, -103.97, -87.34, -87.33, 88.72, 88.73, 9.01, 9.02, 0.55, 0.5499999, 1, 0.70710677]
    )
    near = np.concatenate([np.nextafter(edges, np.float32(side)) for side in (-np.inf, np.inf)])
    assert units_off(getattr(fast, name), FUNCTIONS[name], np.concatenate([numbers, edges, near])) <= 2


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_special_numbers_give_what_numpy_gives(name: str) -> None:
    numbers = np.float32(
        [0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, -1e-45, 1e-45, -1e-40, 3.4e38, -3.4e38] * 3
    )
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](numbers)
    result = read(getattr(fast, name)(*shaped(numbers)), numbers.shape)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(expected))
    np.testing.assert_allclose(result, expected, rtol=3e-7)
    np.testing.assert_array_equal(np.signbit(result[expected == 0]), np.signbit(expected[expected == 0]))


def test_tanh_of_a_tiny_number_is_that_number() -> None:
    tiny = np.float32([1e-45, -1e-45, 1e-38, 1e-20, -1e-6])
    np.testing.assert_array_equal(read(fast.tanh(*shaped(tiny)), tiny.shape), tiny)


@pytest.mark.parametrize("kind", ["any exponent", "whole exponents", "any bits", "near one"])
def test_a_power_is_within_one_unit_in_the_last_place(kind: str) -> None:
    rng = np.random.default_rng(1)
    if kind == "any bits":
        a, b = rng.integers(0, 1 << 32, size=(2, 1 << 18), dtype="uint32").view("float32").copy()
    elif kind == "whole exponents":
        a = (np.exp(rng.uniform(-2, 2, 1 << 18)) * rng.choice([-1, 1], 1 << 18)).astype("float32")
        b = rng.integers(-30, 31, 1 << 18).astype("float32")
    elif kind == "near one":
        a = (1 + rng.uniform(-1e-3, 1e-3, 1 << 18)).astype("float32")
        b = rng.uniform(-8e4, 8e4, 1 << 18).astype("float32")
    else:
        a = np.exp(rng.uniform(-20, 20, 1 << 18)).astype("float32")
        b = rng.uniform(-4, 4, 1 << 18).astype("float32")
    with np.errstate(all="ignore"):
        exact = np.power(a.astype("float64"), b.astype("float64"))
    result = fast.ewise_power(uploaded(a), (1,), 0, uploaded(b), (1,), 0, a.shape)
    assert worst(read(result, a.shape), exact) <= 1


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, 4.0, 0.5, -1.0, -2.0, 2.3, 0.1, np.inf, np.nan])
def test_a_power_with_one_exponent_gives_numpys_result(exponent: float) -> None:
    numbers = np.linspace(-4, 4, 1025, dtype="float32")
    for view in (numbers, numbers.reshape(25, 41).T[:, ::2]):
        with np.errstate(all="ignore"):
            expected = np.power(view.astype("float64"), exponent).astype("float32")
        result = read(fast.scalar_power(*shaped(view), exponent), view.shape)
        np.testing.assert_allclose(result, expected, rtol=3e-7)


def test_a_number_to_the_power_of_an_array_gives_numpys_result() -> None:
    numbers = np.linspace(-4, 4, 1025, dtype="float32")
    result = read(fast.scalar_rpower(*shaped(numbers), 2.5), numbers.shape)
    np.testing.assert_allclose(result, np.power(2.5, numbers.astype("float64")), rtol=2e-7)


def test_powers_of_special_numbers_give_what_numpy_gives() -> None:
    numbers = np.float32(
        [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 2.0, -2.0, 3.0, -3.0, 0.5, 1e-45, -1e-45]
    )
    a, b = (grid.copy() for grid in np.meshgrid(numbers, numbers))
    with np.errstate(all="ignore"):
        expected = np.power(a.astype("float64"), b.astype("float64")).astype("float32")
    result = fast.ewise_power(uploaded(a), (14, 1), 0, uploaded(b), (14, 1), 0, (14, 14))
    np.testing.assert_array_equal(read(result, (14, 14)), expected)


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_other_instruction_sets_pass_these_tests(isa: str) -> None:
    if isa == fast.isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "not instruction_sets")


def units_off(
    function: Callable[..., object], exact: Callable[[NDArray[np.float64]], NDArray[np.float64]], x: Array
) -> float:
    """Return how many units in the last place the worst result is off."""
    with np.errstate(all="ignore"):
        return worst(read(function(*shaped(x)), x.shape), exact(x.astype("float64")))


def worst(results: Array, exact: NDArray[np.float64]) -> float:
    with np.errstate(all="ignore"):
        nearest = exact.astype("float32")
        finite = np.isfinite(nearest) & np.isfinite(results)
        overflow = abs(exact) > 3.4028234e38  # where one unit decides between the largest float and infinity
        same = (results == nearest) | (np.isnan(results) & np.isnan(nearest))
        assert (same | finite | overflow).all()
        unit = np.spacing(np.maximum(abs(nearest), np.float32(2.0**-126))).astype("float64")
        return float((abs(results - exact) / unit)[finite].max())
