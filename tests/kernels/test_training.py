"""fast.normalize, its gradient, fast.adam and fast.sgd compute their formulas, and refuse other sizes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strided_views import Array, drawn, fast, lacks, read, run_tests_with, threads, uploaded

EPS = 1e-5
rows = st.sampled_from([1, 2, 7, 100, 513, 3001])
columns = st.sampled_from([1, 3, 4, 8, 15, 16, 17, 32, 67])
lengths = st.sampled_from([0, 1, 3, 4, 7, 8, 9, 100, 40_001])


@drawn
@given(rows, columns)
def test_normalize_gives_each_columns_figures_and_its_normal_numbers(count: int, features: int) -> None:
    x, weight, bias = normal((count, features), 0) + 3, normal((features,), 1), normal((features,), 2)
    old = normal((2, features), 3)
    made = fast.normalize(x.shape, *map(uploaded, (x, weight, bias)), EPS, *map(uploaded, old), 0.25)
    exact = x.astype("float64")
    mean, variance = exact.mean(0), exact.var(0)
    expected = (exact - mean) / np.sqrt(variance + EPS) * weight + bias
    moved = [0.75 * one + 0.25 * new for one, new in zip(old, (mean, variance), strict=True)]
    shapes = [x.shape, *[(features,)] * 4]
    for handle, shape, wanted in zip(made, shapes, (expected, mean, variance, *moved), strict=True):
        np.testing.assert_allclose(read(handle, shape), wanted, rtol=0, atol=2e-4)


@drawn
@given(rows, columns)
def test_the_gradient_of_normalize_is_its_formula(count: int, features: int) -> None:
    x, grad, weight = normal((count, features), 0), normal((count, features), 1), normal((features,), 2)
    x += 4 * (np.arange(count) % 2)[:, None]  # else two rows may be nearly the same, and all cancels
    exact, g = x.astype("float64"), grad.astype("float64")
    mean, variance = exact.mean(0), exact.var(0)
    figures = [uploaded(one.astype("float32")) for one in (mean, variance, weight)]
    made = fast.normalize_gradient(x.shape, uploaded(grad), uploaded(x), *figures, EPS)
    root = np.sqrt(variance + EPS)
    y = (exact - mean) / root
    of_weight, of_bias = (g * y).sum(0), g.sum(0)
    of_x = weight / root * (g - of_bias / count - y * of_weight / count)
    for handle, wanted in zip(made, (of_x, of_weight, of_bias), strict=True):
        size = max(abs(wanted).max(), abs(weight / root).max(), 1)
        np.testing.assert_allclose(read(handle, wanted.shape), wanted, rtol=0, atol=1e-5 * size)


@drawn
@given(lengths)
def test_adam_gives_its_formula(length: int) -> None:
    theta, grad, m, v = (normal((length,), seed) for seed in range(4))
    decay, beta1, beta2, rate, eps = 0.1, 0.9, 0.8, 0.05, 1e-3
    how = decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, eps
    made = fast.adam(*map(uploaded, (theta, grad, m, v**2)), *how)
    g = grad + decay * theta
    new_m, new_v = beta1 * m + (1 - beta1) * g, beta2 * v**2 + (1 - beta2) * g**2
    expected = theta - rate * new_m / (np.sqrt(new_v) + eps), new_m, new_v
    for handle, wanted in zip(made, expected, strict=True):
        np.testing.assert_allclose(read(handle, (length,)), wanted, rtol=0, atol=1e-5)


@drawn
@given(lengths)
def test_sgd_gives_its_formula(length: int) -> None:
    theta, grad, u = (normal((length,), seed) for seed in range(3))
    made = fast.sgd(*map(uploaded, (theta, grad, u)), 0.1, 0.9, 1 - 0.9, 0.05)
    new_u = 0.9 * u + (1 - 0.9) * (grad + 0.1 * theta)
    for handle, wanted in zip(made, (theta - 0.05 * new_u, new_u), strict=True):
        np.testing.assert_allclose(read(handle, (length,)), wanted, rtol=0, atol=1e-6)


def test_the_number_of_threads_changes_no_figure() -> None:
    x, weight = normal((9_001, 40), 0), normal((40,), 1)
    found = []
    for number in (1, 2, 5):
        with threads(number):
            one = [uploaded(array) for array in (x, weight, weight)]
            made = fast.normalize(x.shape, *one, EPS, one[1], one[2], 0.1)
            grads = fast.normalize_gradient(x.shape, one[0], one[0], made[1], made[2], one[1], EPS)
            found.append([read(handle, (handle.size,)) for handle in (*made, *grads)])
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_every_instruction_set_that_this_processor_has_passes_these_tests(isa: str) -> None:
    if lacks(isa):
        pytest.skip(f"this processor has no {isa}")
    run_tests_with(isa, __file__, "formula or figures")


x, column = uploaded(np.zeros(12, "float32")), uploaded(np.zeros(3, "float32"))
NORMALIZE = [(4, 3), x, column, column, 0.1, column, column, 0.1]
GRADIENT = [(4, 3), x, x, column, column, column, 0.1]


@pytest.mark.parametrize(
    ("name", "arguments", "place", "value", "text"),
    [
        ("normalize", NORMALIZE, 0, (5, 3), "x holds 12 elements. Expected 15"),
        ("normalize", NORMALIZE, 0, (12,), "sizes holds 1 numbers. Expected 2"),
        ("normalize", NORMALIZE, 0, (0, 3), "one of sizes is below 1"),
        ("normalize", NORMALIZE, 2, x, "weight holds 12 elements. Expected 3"),
        ("normalize", NORMALIZE, 3, x, "bias holds 12"),
        ("normalize", NORMALIZE, 5, x, "running_mean holds 12"),
        ("normalize", NORMALIZE, 6, x, "running_variance holds 12"),
        ("normalize_gradient", GRADIENT, 1, column, "grad holds 3 elements. Expected 12"),
        ("normalize_gradient", GRADIENT, 2, column, "x holds 3"),
        ("normalize_gradient", GRADIENT, 3, x, "mean holds 12"),
        ("normalize_gradient", GRADIENT, 4, x, "variance holds 12"),
        ("normalize_gradient", GRADIENT, 5, x, "weight holds 12"),
        ("adam", [x] * 4 + [0.1] * 7, 1, column, "grad holds 3 elements. Expected 12"),
        ("adam", [x] * 4 + [0.1] * 7, 2, column, "m holds 3"),
        ("adam", [x] * 4 + [0.1] * 7, 3, column, "v holds 3"),
        ("sgd", [x] * 3 + [0.1] * 4, 1, column, "grad holds 3"),
        ("sgd", [x] * 3 + [0.1] * 4, 2, column, "u holds 3"),
    ],
)
def test_an_array_of_another_size_is_refused(
    name: str, arguments: list[Any], place: int, value: Any, text: str
) -> None:
    with pytest.raises(ValueError, match=f"{name}: {text}"):
        getattr(fast, name)(*arguments[:place], value, *arguments[place + 1 :])


def normal(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal(shape, dtype="float32")
