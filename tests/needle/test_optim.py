"""Optimizers and gradient clipping beside PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn, optim

torch = pytest.importorskip("torch", reason="PyTorch is what optimizers are compared with")

from beside_pytorch import close, numbers  # noqa: E402

shapes = st.lists(st.lists(st.integers(1, 4), max_size=3).map(tuple), min_size=1, max_size=3)
decays = st.sampled_from([0.0, 0.01, 0.3])
rates = st.sampled_from([0.001, 0.1])
gaps = st.lists(st.booleans(), min_size=12, max_size=12)  # which gradients are missing

Shapes = list[tuple[int, ...]]


def compare_steps(shapes: Shapes, gaps: list[bool], ours: Callable, theirs: Callable) -> None:
    """Make four steps with both on the same gradients, some of which are missing."""
    start = [numbers(shape, at) for at, shape in enumerate(shapes)]
    own = [nn.Parameter(Tensor(array)) for array in start]
    other = [torch.nn.Parameter(torch.tensor(array)) for array in start]
    my_opt, their_opt = ours(own), theirs(other)
    for step in range(4):
        for at, (mine, reference) in enumerate(zip(own, other, strict=True)):
            gradient = numbers(mine.shape, 100 * step + at)
            missing = gaps[3 * step + at]
            mine.grad = None if missing else Tensor(gradient)
            reference.grad = None if missing else torch.tensor(gradient)
        my_opt.step()
        their_opt.step()
        for mine, reference in zip(own, other, strict=True):
            close(mine, reference)


@quickly
@given(shapes=shapes, lr=rates, momentum=st.sampled_from([0.0, 0.5, 0.9]), decay=decays, gaps=gaps)
def test_sgd_is_pytorchs(shapes: Shapes, lr: float, momentum: float, decay: float, gaps: list[bool]) -> None:
    """PyTorch's momentum sums where ours averages, which a smaller learning rate makes equal."""
    compare_steps(
        shapes,
        gaps,
        lambda params: optim.SGD(params, lr, momentum, decay),
        lambda params: torch.optim.SGD(params, lr * (1 - momentum), momentum, weight_decay=decay),
    )


@quickly
@given(
    shapes=shapes, lr=rates, beta1=st.sampled_from([0.5, 0.9]), decay=decays, eps=st.sampled_from([1e-8, 0.1])
)
def test_adam_is_pytorchs(shapes: Shapes, lr: float, beta1: float, decay: float, eps: float) -> None:
    compare_steps(
        shapes,
        [False] * 12,
        lambda params: optim.Adam(params, lr, beta1, 0.99, eps, decay),
        lambda params: torch.optim.Adam(params, lr, (beta1, 0.99), eps, decay),
    )


@quickly
@given(shapes=shapes, lr=rates, decay=decays)
def test_adamw_is_pytorchs(shapes: Shapes, lr: float, decay: float) -> None:
    compare_steps(
        shapes,
        [False] * 12,
        lambda params: optim.AdamW(params, lr, weight_decay=decay),
        lambda params: torch.optim.AdamW(params, lr, weight_decay=decay),
    )


@quickly
@given(shapes=shapes, lr=rates, alpha=st.sampled_from([0.5, 0.99]), decay=decays, gaps=gaps)
def test_rmsprop_is_pytorchs(shapes: Shapes, lr: float, alpha: float, decay: float, gaps: list[bool]) -> None:
    compare_steps(
        shapes,
        gaps,
        lambda params: optim.RMSprop(params, lr, alpha, weight_decay=decay),
        lambda params: torch.optim.RMSprop(params, lr, alpha, weight_decay=decay),
    )


every_optimizer = pytest.mark.parametrize(
    "make",
    [
        lambda params: optim.SGD(params, np.float64(0.1), np.float64(0.9), np.float64(0.01)),
        lambda params: optim.Adam(params, np.float64(0.1), weight_decay=np.float64(0.01)),
        lambda params: optim.AdamW(params, np.float64(0.1), weight_decay=np.float64(0.01)),
        lambda params: optim.RMSprop(params, np.float64(0.1), weight_decay=np.float64(0.01)),
    ],
    ids=["SGD", "Adam", "AdamW", "RMSprop"],
)


@every_optimizer
def test_a_step_keeps_float32_gradients_and_no_graph(make: Callable[[Any], optim.Optimizer]) -> None:
    param = nn.Parameter(Tensor([1, 2], dtype="float32"))
    alone = nn.Parameter(Tensor([3], dtype="float32"))
    optimizer = make([param, alone])
    for _ in range(3):
        (param * param).sum().backward()
        gradient, values = param.grad, param.grad.numpy().copy()
        optimizer.step()
        assert param.grad is gradient
        np.testing.assert_array_equal(gradient.numpy(), values)
        assert param.dtype == "float32"
        assert param.is_leaf()
        assert param.requires_grad
    np.testing.assert_array_equal(alone.numpy(), [3])
    optimizer.reset_grad()
    assert param.grad is None


@every_optimizer
def test_every_optimizer_finds_a_minimum(make: Callable[[Any], optim.Optimizer]) -> None:
    param = nn.Parameter(Tensor([3.0, -2.0], dtype="float32"))
    optimizer = make([param])
    for _ in range(200):
        (param * param).sum().backward()
        optimizer.step()
    assert abs(param.numpy()).max() < 0.2


@quickly
@given(shapes=shapes, max_norm=st.sampled_from([0.25, 1.0, 100.0]), gaps=gaps)
def test_clipping_is_pytorchs(shapes: Shapes, max_norm: float, gaps: list[bool]) -> None:
    own = [nn.Parameter(Tensor(np.ones(shape))) for shape in shapes]
    other = [torch.nn.Parameter(torch.ones(shape, dtype=torch.float64)) for shape in shapes]
    for at, (mine, reference) in enumerate(zip(own, other, strict=True)):
        if not gaps[at]:
            mine.grad = Tensor(numbers(mine.shape, at))
            reference.grad = torch.tensor(numbers(mine.shape, at))
    norm = optim.SGD(own).clip_grad_norm(max_norm)
    close(norm, torch.nn.utils.clip_grad_norm_(other, max_norm))
    for mine, reference in zip(own, other, strict=True):
        assert (mine.grad is None) == (reference.grad is None)
        if mine.grad is not None:
            close(mine.grad, reference.grad)


def test_clipping_makes_new_gradients_of_the_same_dtype_without_a_graph() -> None:
    param = nn.Parameter(Tensor([3, 4], dtype="float32"))
    (param * param).sum().backward()
    before, values = param.grad, param.grad.numpy().copy()
    assert optim.clip_grad_norm([param], 1.0) == pytest.approx(10)
    np.testing.assert_array_equal(before.numpy(), values)
    assert param.grad.is_leaf()
    assert param.grad.dtype == "float32"
    np.testing.assert_allclose(param.grad.numpy(), [0.6, 0.8], rtol=1e-6)
