"""Convolutions in one call, without an array of patches; images lie as they lie."""

from typing import Any

from needle.autograd import NDArray, Tensor
from needle.fused.dispatch import fused
from needle.fused.layouts import channels_first, channels_last, memory_of
from needle.fused.once_differentiable import KernelOp
from needle.nn.convolution import Conv
from needle.nn.images import require_images
from needle.ops import convolution as taught

Shape = tuple[int, ...]


def _convolve(kernels: Any, a: NDArray, b: NDArray, op: taught.Conv, bias: NDArray | None = None) -> NDArray:
    """Return the convolution of images (N, H, W, C) with a kernel."""
    images, height, width, _ = a._shape
    rows, columns, _, channels = b._shape
    rows = (height + 2 * op.padding - rows) // op.stride + 1
    columns = (width + 2 * op.padding - columns) // op.stride + 1
    where = (rows, columns, op.stride, 1, op.padding, op.padding)
    if bias is None:
        handle = kernels.convolve(*_view(a), *_view(b), *where)
    else:
        handle = kernels.convolve_biased(*_view(a), *_view(b), *where, memory_of(bias))
    return NDArray.made((images, rows, columns, channels), a._device, handle)


def _gradient_of_images(kernels: Any, g: NDArray, b: NDArray, op: taught.Conv, shape: Shape) -> NDArray:
    """Return the gradient of images of a shape: g, spread by the stride, by the kernel turned round."""
    rows, columns, channels, made = b._shape
    down, across, deep, wide = b._strides
    last = b._offset + (rows - 1) * down + (columns - 1) * across
    turned = b._handle, (rows, columns, made, channels), (-down, -across, wide, deep), last
    margins = rows - 1 - op.padding, columns - 1 - op.padding
    handle = kernels.convolve(*_view(g), *turned, *shape[1:3], 1, op.stride, *margins)
    return NDArray.made(shape, g._device, handle)


def _gradient_of_kernel(kernels: Any, g: NDArray, a: NDArray, op: taught.Conv, shape: Shape) -> NDArray:
    where = (*shape[:2], op.stride, op.padding, op.padding)
    handle = kernels.convolve_for_kernels(*_view(a), *_view(g), *where)
    return NDArray.made(shape, g._device, handle)


def _view(a: NDArray) -> tuple[Any, Shape, Shape, int]:
    return a._handle, a._shape, a._strides, a._offset


@fused(taught.Conv, "compute", kernel="convolve", second_order=True)
def _compute(kernels: Any, op: taught.Conv, a: NDArray, b: NDArray) -> Any:
    return _convolve(kernels, a, b, op) if a._device == b._device else NotImplemented


@fused(taught.Conv, "gradient", kernel="convolve_for_kernels")
def _gradient(kernels: Any, op: taught.Conv, out_grad: Tensor, node: Tensor) -> Any:
    a, b = node.inputs
    g, images, kernel = (value.realize_cached_data() for value in (out_grad, a, b))
    grad_b = _gradient_of_kernel(kernels, g, images, op, b.shape)
    grad_a = _gradient_of_images(kernels, g, kernel, op, a.shape) if a.requires_grad else None
    return None if grad_a is None else Tensor.make_const(grad_a), Tensor.make_const(grad_b)


class ImageConvolution(KernelOp):
    """What nn.Conv computes: x (N, C, H, W), kernel (K, L, C, O) and perhaps a bias (O,) -> (N, O, R, S)."""

    def __init__(self, kernels: Any, stride: int, padding: int) -> None:
        super().__init__(kernels)
        self.conv = taught.Conv(stride, padding)

    def check_shapes(self, x: Shape, kernel: Shape, bias: Shape = ()) -> None:
        self.conv.check_shapes((x[0], x[2], x[3], x[1]), kernel)

    def compute(self, x: NDArray, kernel: NDArray, bias: NDArray | None = None) -> NDArray:
        return channels_first(_convolve(self.kernels, channels_last(x), kernel, self.conv, bias))

    def pull_back(self, out_grad: Tensor, node: Tensor) -> list[Tensor | None]:
        g = channels_last(out_grad.realize_cached_data())
        images, kernel = (
            channels_last(node.inputs[0].realize_cached_data()),
            node.inputs[1].realize_cached_data(),
        )
        grads: list[NDArray | None] = [None, None]
        if node.inputs[0].requires_grad:
            grads[0] = channels_first(_gradient_of_images(self.kernels, g, kernel, self.conv, images._shape))
        grads[1] = _gradient_of_kernel(self.kernels, g, images, self.conv, kernel._shape)
        if len(node.inputs) == 3:
            grads.append(g.sum((0, 1, 2)))
        return [None if grad is None else Tensor.make_const(grad) for grad in grads]


@fused(Conv, "forward", kernel="convolve_biased")
def _forward(kernels: Any, layer: Conv, x: Tensor) -> Any:
    require_images("Conv", x, layer.in_channels)
    parts = [x, layer.weight] if layer.bias is None else [x, layer.weight, layer.bias]
    device = x.device
    if any(part.device is not device for part in parts):
        return NotImplemented
    if layer.bias is not None and layer.bias.shape != layer.weight.shape[3:]:
        return NotImplemented
    return ImageConvolution(kernels, layer.stride, layer.padding)(*parts)
