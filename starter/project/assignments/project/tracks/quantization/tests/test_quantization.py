"""Levels are near the weights, sums are exact, and the model stays as good."""

import numpy as np
import pytest

import needle as ndl
from needle import nn
from project.quantization import QuantizedLinear, quantize, quantize_model

rng = np.random.default_rng(0)


def test_the_worked_column_has_these_levels() -> None:
    levels, scales = quantize(np.array([[0.5], [-1.0], [0.25]], dtype="float32"))
    assert levels.dtype == np.int8
    assert levels[:, 0].tolist() in ([64, -127, 32], [63, -127, 32])  # half may be rounded either way
    assert scales == pytest.approx([1 / 127])


def test_every_weight_is_within_half_a_scale_of_its_level() -> None:
    weight = rng.normal(size=(30, 7)).astype("float32") * 10.0 ** np.arange(-3, 4)
    levels, scales = quantize(weight)
    assert (np.abs(levels * scales - weight) <= scales / 2 * 1.0001).all()
    assert (np.abs(levels.astype(int)).max(axis=0) == 127).all()


def test_a_column_of_zeros_stays_zero() -> None:
    levels, scales = quantize(np.zeros((3, 2), dtype="float32"))
    assert (levels == 0).all()
    assert scales.tolist() == [1, 1]


def test_a_layer_is_near_the_one_it_was_made_of() -> None:
    linear, x = nn.Linear(40, 6), rng.normal(size=(9, 40)).astype("float32")
    x[3] *= 1000  # a row of its own scale
    expected = linear(ndl.Tensor(x)).numpy()
    found = QuantizedLinear(linear)(ndl.Tensor(x)).numpy()
    assert (np.abs(found - expected) <= 0.03 * np.abs(expected).max(axis=1, keepdims=True)).all()


def test_a_long_sum_does_not_overflow() -> None:
    linear = nn.Linear(2000, 1, bias=False)
    linear.weight.data = ndl.Tensor(np.ones((2000, 1), dtype="float32"))
    found = QuantizedLinear(linear)(ndl.Tensor(np.ones((1, 2000), dtype="float32"))).numpy()
    assert found[0, 0] == pytest.approx(2000, rel=1e-3)


def test_only_the_linear_layers_are_replaced() -> None:
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
    kinds = [type(module).__name__ for module in quantize_model(model).modules]
    assert kinds == ["QuantizedLinear", "ReLU", "QuantizedLinear"]
    assert type(model.modules[0]).__name__ == "Linear"
