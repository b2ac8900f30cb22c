"""Batch normalization of a batch in one call, and its gradient in another."""

import math
from typing import Any

from needle.autograd import NDArray, Tensor
from needle.fused.dispatch import fused
from needle.fused.layouts import channels_first, channels_last, memory_of
from needle.fused.once_differentiable import KernelOp
from needle.nn.batch_norm_2d import BatchNorm2d
from needle.nn.images import require_images
from needle.nn.normalization import BatchNorm1d


class BatchNormalization(KernelOp):
    """Normalize x (N, C) or (N, C, H, W) by each channel's mean and variance, and move those of a layer."""

    def __init__(self, kernels: Any, layer: BatchNorm1d) -> None:
        super().__init__(kernels)
        self.layer = layer
        self.mean: Any = None  # of the batch, as handles
        self.variance: Any = None

    def compute(self, x: NDArray, weight: NDArray, bias: NDArray) -> NDArray:
        layer, rows = self.layer, _last(x)
        running = [one.realize_cached_data() for one in (layer.running_mean, layer.running_var)]
        out, self.mean, self.variance, *moved = self.kernels.normalize(
            _table(rows),
            memory_of(rows),
            memory_of(weight),
            memory_of(bias),
            layer.eps,
            *(memory_of(one) for one in running),
            layer.momentum,
        )
        for tensor, handle in zip((layer.running_mean, layer.running_var), moved, strict=True):
            tensor.cached_data = NDArray.made((x._shape[1],), x._device, handle)
        return _first(NDArray.made(rows._shape, x._device, out))

    def pull_back(self, out_grad: Tensor, node: Tensor) -> list[Tensor]:
        x, weight, bias = (value.realize_cached_data() for value in node.inputs)
        rows, g = _last(x), _last(out_grad.realize_cached_data())
        grads = self.kernels.normalize_gradient(
            _table(rows),
            memory_of(g),
            memory_of(rows),
            self.mean,
            self.variance,
            memory_of(weight),
            self.layer.eps,
        )
        of_x, of_weight, of_bias = (
            NDArray.made(like._shape, x._device, handle)
            for like, handle in zip((rows, weight, bias), grads, strict=True)
        )
        return [Tensor.make_const(grad) for grad in (_first(of_x), of_weight, of_bias)]


def _table(rows: NDArray) -> tuple[int, int]:
    return math.prod(rows._shape[:-1]), rows._shape[-1]


def _last(x: NDArray) -> NDArray:
    return x if len(x._shape) == 2 else channels_last(x)


def _first(x: NDArray) -> NDArray:
    return x if len(x._shape) == 2 else channels_first(x)


def _normalized(kernels: Any, layer: BatchNorm1d, x: Tensor) -> Any:
    device, shape, each = x.device, x.shape, (layer.dim,)
    if not layer.training or 0 in shape or shape[1] != layer.dim:
        return NotImplemented
    for part in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
        if part.device is not device or part.shape != each:
            return NotImplemented
    return BatchNormalization(kernels, layer)(x, layer.weight, layer.bias)


@fused(BatchNorm2d, "forward", kernel="normalize")
def _images(kernels: Any, layer: BatchNorm2d, x: Tensor) -> Any:
    require_images("BatchNorm2d", x, layer.dim)
    return _normalized(kernels, layer, x)


@fused(BatchNorm1d, "forward", kernel="normalize")
def _rows(kernels: Any, layer: BatchNorm1d, x: Tensor) -> Any:
    return _normalized(kernels, layer, x) if len(x.shape) == 2 else NotImplemented
