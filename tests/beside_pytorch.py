"""Run a module of needle and one of PyTorch on the same numbers, and compare all that comes out."""

from typing import Any

import numpy as np
import torch
from backend_tested import CLOSE, CURVED, FLOAT, assert_close
from pytorch_models import as_pytorchs

from needle import Tensor


def assert_alike(ours: Any, theirs: torch.nn.Module, x: np.ndarray, *others: Any) -> None:
    """Compare the output, the gradients of input and parameters, and their second derivatives.

    What is differentiated is a weighted sum of the output's squares, so that linear modules have second
    derivatives too. `others` are further arguments of both modules, as pairs.
    """
    mine, other = Tensor(x), torch.tensor(x, requires_grad=True)
    output = ours(mine, *[one for one, _ in others])
    expected = theirs(other, *[one for _, one in others])
    close(output, expected)
    parameters = [*theirs.parameters()]
    _backward(ours, mine, output)
    (first,) = _compare_gradients(ours, mine, expected, other, parameters, CLOSE)
    gradient = mine.grad
    _backward(ours, mine, gradient)
    _compare_gradients(ours, mine, first, other, parameters, CURVED)


def _backward(ours: Any, x: Tensor, output: Tensor) -> None:
    for tensor in (x, *ours.parameters()):
        tensor.grad = None
    (output * output * Tensor(weights(output.shape), requires_grad=False)).sum().backward()


def _compare_gradients(
    ours: Any,
    x: Tensor,
    output: torch.Tensor,
    other: torch.Tensor,
    parameters: list[Any],
    tolerance: float,
) -> list[torch.Tensor]:
    loss = (output * output * torch.tensor(weights(output.shape))).sum()
    found = torch.autograd.grad(
        loss, [other, *parameters], create_graph=True, allow_unused=True, materialize_grads=True
    )
    close(_gradient(x), found[0], tolerance)
    for own, gradient in zip(ours.parameters(), found[1:], strict=True):
        close(as_pytorchs(_gradient(own), gradient.shape), gradient, tolerance)
    return [found[0]]


def _gradient(tensor: Tensor) -> np.ndarray:
    return np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()


def close(ours: Any, theirs: Any, tolerance: float = CLOSE) -> None:
    found = ours.numpy() if isinstance(ours, Tensor) else ours
    assert_close(found, theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs, tolerance)


def weights(shape: tuple[int, ...]) -> np.ndarray:
    return _held(np.random.default_rng(5).uniform(-1, 1, size=shape))


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return numbers apart from 0, where ReLU has no second derivative."""
    drawn = np.random.default_rng(seed).normal(size=shape)
    return _held(drawn + np.copysign(0.05, drawn))


def _held(drawn: np.ndarray) -> np.ndarray:
    """Return what the arrays under test hold of these numbers, in the precision of PyTorch's part."""
    return drawn.astype(FLOAT).astype("float64")
