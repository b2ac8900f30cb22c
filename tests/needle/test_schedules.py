"""Schedules of the learning rate beside PyTorch's."""

from typing import Any

import pytest
from backend_tested import quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn, optim

torch = pytest.importorskip("torch", reason="PyTorch is what schedules are compared with")


def optimizers(lr: float) -> tuple[Any, Any]:
    return optim.SGD([nn.Parameter(Tensor([1.0]))], lr), torch.optim.SGD([torch.ones(1)], lr)


def assert_same_rates(ours: Any, theirs: Any, steps: int) -> None:
    for _ in range(steps):
        assert ours.optimizer.lr == pytest.approx(theirs.optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        ours.step()
        theirs.optimizer.step()
        theirs.step()


@quickly
@given(lr=st.sampled_from([0.1, 1.0]), size=st.integers(1, 5), gamma=st.sampled_from([0.1, 0.5, 1.0]))
def test_step_decay_is_pytorchs(lr: float, size: int, gamma: float) -> None:
    ours, theirs = optimizers(lr)
    pair = optim.StepLR(ours, size, gamma), torch.optim.lr_scheduler.StepLR(theirs, size, gamma)
    assert_same_rates(*pair, steps=12)


@quickly
@given(length=st.integers(1, 12), low=st.sampled_from([0.0, 0.01]))
def test_a_cosine_is_pytorchs(length: int, low: float) -> None:
    ours, theirs = optimizers(0.5)
    pair = (
        optim.CosineAnnealingLR(ours, length, low),
        torch.optim.lr_scheduler.CosineAnnealingLR(theirs, length, low),
    )
    assert_same_rates(*pair, steps=length + 1)


@quickly
@given(warmup=st.integers(1, 6))
def test_the_warm_up_is_pytorchs_linear_one(warmup: int) -> None:
    ours, theirs = optimizers(0.5)
    pair = (
        optim.CosineAnnealingLR(ours, 4, warmup_steps=warmup),
        torch.optim.lr_scheduler.LinearLR(theirs, 1 / (warmup + 1), total_iters=warmup),
    )
    assert_same_rates(*pair, steps=warmup + 1)


def test_after_the_warm_up_comes_the_whole_cosine_and_then_the_floor() -> None:
    optimizer = optimizers(1.0)[0]
    schedule = optim.CosineAnnealingLR(optimizer, 2, eta_min=0.2, warmup_steps=1)
    rates = []
    for _ in range(5):
        rates.append(optimizer.lr)
        schedule.step()
    assert rates == pytest.approx([0.5, 1.0, 0.6, 0.2, 0.2])
