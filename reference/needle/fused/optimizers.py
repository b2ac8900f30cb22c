"""Steps of optimizers that go over each parameter once."""

import math
from typing import Any

from needle.autograd import NDArray
from needle.fused.dispatch import fused
from needle.fused.layouts import memory_of
from needle.optim.adam import Adam
from needle.optim.optimizer import Optimizer
from needle.optim.sgd import SGD


@fused(Adam, "step", kernel="adam", second_order=True)
def _adam(kernels: Any, optimizer: Adam) -> Any:
    if not _lie_together(optimizer):
        return NotImplemented
    optimizer.t += 1
    beta1, beta2 = optimizer.beta1, optimizer.beta2
    root = math.sqrt(1 - beta2**optimizer.t)
    rate, eps = optimizer.lr * root / (1 - beta1**optimizer.t), optimizer.eps * root
    how = (optimizer.weight_decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, eps)
    means, squares = optimizer.m, optimizer.v
    for param in optimizer.params:
        if param.grad is not None:
            theta, grad = param.cached_data, param.grad.cached_data
            before = _memory(means.get(param), theta), _memory(squares.get(param), theta)
            made = kernels.adam(memory_of(theta), memory_of(grad), *before, *how)
            param.cached_data, means[param], squares[param] = [_like(theta, handle) for handle in made]
    return None


@fused(SGD, "step", kernel="sgd", second_order=True)
def _sgd(kernels: Any, optimizer: SGD) -> Any:
    if not _lie_together(optimizer):
        return NotImplemented
    how = (optimizer.weight_decay, optimizer.momentum, 1 - optimizer.momentum, optimizer.lr)
    means = optimizer.u
    for param in optimizer.params:
        if param.grad is not None:
            theta, grad = param.cached_data, param.grad.cached_data
            before = _memory(means.get(param), theta)
            made = kernels.sgd(memory_of(theta), memory_of(grad), before, *how)
            param.cached_data, means[param] = [_like(theta, handle) for handle in made]
    return None


def _lie_together(optimizer: Optimizer) -> bool:
    """Say whether all lies on one device, and gradients are of their parameters' shapes."""
    device = optimizer.params[0].device
    for param in optimizer.params:
        theta = param.realize_cached_data()
        if theta._device is not device:
            return False
        if param.grad is not None:
            grad = param.grad.realize_cached_data()
            if grad._device is not device or grad._shape != theta._shape:
                return False
    return True


def _memory(mean: NDArray | None, theta: NDArray) -> Any:
    """Return the memory of a running mean, which begins as zeros."""
    return memory_of(theta._device.zeros(*theta._shape) if mean is None else mean)


def _like(theta: NDArray, handle: Any) -> NDArray:
    return NDArray.made(theta._shape, theta._device, handle)
