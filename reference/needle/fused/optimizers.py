"""Steps of optimizers that go over each parameter once."""

import math
from typing import Any

from needle.autograd import NDArray
from needle.fused.dispatch import fused
from needle.fused.layouts import memory_of
from needle.nn.module import Parameter
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
    for param in optimizer.params:
        if param.grad is not None:
            theta, grad = param.realize_cached_data(), param.grad.realize_cached_data()
            m, v = optimizer.m.get(param), optimizer.v.get(param)
            before = (memory_of(_zeros(theta) if one is None else one) for one in (m, v))
            made = kernels.adam(memory_of(theta), memory_of(grad), *before, *how)
            param.cached_data, optimizer.m[param], optimizer.v[param] = (_like(theta, one) for one in made)
    return None


@fused(SGD, "step", kernel="sgd", second_order=True)
def _sgd(kernels: Any, optimizer: SGD) -> Any:
    if not _lie_together(optimizer):
        return NotImplemented
    how = (optimizer.weight_decay, optimizer.momentum, 1 - optimizer.momentum, optimizer.lr)
    for param in optimizer.params:
        if param.grad is not None:
            theta, grad = param.realize_cached_data(), param.grad.realize_cached_data()
            u = optimizer.u.get(param)
            before = memory_of(_zeros(theta) if u is None else u)
            made = kernels.sgd(memory_of(theta), memory_of(grad), before, *how)
            param.cached_data, optimizer.u[param] = (_like(theta, one) for one in made)
    return None


def _lie_together(optimizer: Optimizer) -> bool:
    device = optimizer.params[0].device
    return all(_fits(param, device) for param in optimizer.params)


def _fits(param: Parameter, device: Any) -> bool:
    """Say whether a parameter lies on a device, and its gradient, if it has one, is of its shape there."""
    theta = param.realize_cached_data()
    if param.grad is None:
        return theta._device is device
    grad = param.grad.realize_cached_data()
    return theta._device is device and grad._device is device and grad._shape == theta._shape


def _zeros(theta: NDArray) -> NDArray:
    return theta._device.zeros(*theta._shape)


def _like(theta: NDArray, handle: Any) -> NDArray:
    return NDArray.made(theta._shape, theta._device, handle)
