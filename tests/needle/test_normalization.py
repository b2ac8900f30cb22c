"""Layer and batch normalization beside PyTorch's."""

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, close, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402

seeds = st.integers(0, 1_000)


def set_parameters(module: nn.Module, seed: int) -> None:
    for at, parameter in enumerate(module.parameters()):
        parameter.data = Tensor(numbers(parameter.shape, seed + at))


@quickly
@given(batch=st.integers(1, 5), dim=st.integers(2, 6), eps=st.sampled_from([1e-5, 0.1]), seed=seeds)
def test_layer_norm_is_pytorchs(batch: int, dim: int, eps: float, seed: int) -> None:
    ours = nn.LayerNorm1d(dim, eps, dtype=FLOAT)
    set_parameters(ours, seed)
    theirs = torch.nn.LayerNorm(dim, eps, dtype=torch.float64)
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((batch, dim), seed))


@quickly
@given(batch=st.integers(2, 6), dim=st.integers(1, 5), eps=st.sampled_from([1e-5, 0.1]), seed=seeds)
def test_batch_norm_in_training_is_pytorchs(batch: int, dim: int, eps: float, seed: int) -> None:
    ours = nn.BatchNorm1d(dim, eps, dtype=FLOAT)
    set_parameters(ours, seed)
    theirs = torch.nn.BatchNorm1d(dim, eps, dtype=torch.float64)
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((batch, dim), seed))


@quickly
@given(batch=st.integers(1, 5), dim=st.integers(1, 5), seed=seeds)
def test_batch_norm_in_evaluation_is_pytorchs_and_keeps_its_statistics(
    batch: int, dim: int, seed: int
) -> None:
    ours = nn.BatchNorm1d(dim, dtype=FLOAT)
    set_parameters(ours, seed)
    mean, var = numbers((dim,), seed + 7), np.abs(numbers((dim,), seed + 8))
    ours.running_mean.data, ours.running_var.data = Tensor(mean), Tensor(var)
    theirs = torch.nn.BatchNorm1d(dim, dtype=torch.float64)
    copy_parameters(ours, theirs)
    theirs.running_mean.copy_(torch.tensor(mean))
    theirs.running_var.copy_(torch.tensor(var))
    ours.eval()
    theirs.eval()
    assert_alike(ours, theirs, numbers((batch, dim), seed))
    close(ours.running_mean, mean)
    close(ours.running_var, var)


@quickly
@given(
    batch=st.integers(2, 6),
    dim=st.integers(1, 5),
    momentum=st.sampled_from([0.1, 0.5]),
    steps=st.integers(1, 4),
)
def test_running_statistics_are_pytorchs_with_the_biased_variance(
    batch: int, dim: int, momentum: float, steps: int
) -> None:
    ours = nn.BatchNorm1d(dim, momentum=momentum, dtype=FLOAT)
    theirs = torch.nn.BatchNorm1d(dim, momentum=momentum, dtype=torch.float64)
    for step in range(steps):
        x = numbers((batch, dim), step)
        ours(Tensor(x))
        theirs(torch.tensor(x))
    close(ours.running_mean, theirs.running_mean)
    remembered = (1 - momentum) ** steps  # the share of the ones that the variance began with
    unbiased = (theirs.running_var - remembered) * (batch - 1) / batch
    close(ours.running_var, unbiased + remembered)


@pytest.mark.parametrize("module", [nn.LayerNorm1d(3), nn.BatchNorm1d(3)])
def test_normalization_begins_with_ones_and_zeros_and_stays_float32(module: nn.Module) -> None:
    np.testing.assert_array_equal(module.weight.numpy(), np.ones(3))
    np.testing.assert_array_equal(module.bias.numpy(), np.zeros(3))
    x = Tensor(np.arange(6).reshape(2, 3) ** 2, dtype="float32")
    out = module(x)
    out.backward()
    kept = [value for value in vars(module).values() if isinstance(value, Tensor)]
    assert {str(one.dtype) for one in (out, x.grad, *kept)} == {"float32"}


def test_running_statistics_are_no_parameters_and_remember_no_graph() -> None:
    module = nn.BatchNorm1d(3)
    module(Tensor(np.arange(6).reshape(2, 3), dtype="float32"))
    assert len(module.parameters()) == 2
    for tensor in (module.running_mean, module.running_var):
        assert tensor.is_leaf()
        assert not tensor.requires_grad
        assert not isinstance(tensor, nn.Parameter)
