"""Convolutions with more to set than the taught one, and back: all are made of `ops.conv`."""

import math

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.images import require_images
from needle.nn.module import Module, Parameter
from needle.ops.shapes import refuse


def general_conv(
    a: Tensor, b: Tensor, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Tensor:
    """Convolve with a kernel whose weights lie `dilation` pixels apart, in groups of channels.

    Group g of the outputs sees only group g of the channels.
    Shapes: a (N, H, W, C), b (K, L, C / groups, O) -> (N, R, S, O), as `ops.conv` of a kernel with
    (K - 1) * dilation + 1 rows.
    """
    if dilation < 1 or groups < 1 or a.shape[-1] % groups or b.shape[-1] % groups:
        found = f"a is {a.shape}, b is {b.shape}, dilation {dilation}, groups {groups}"
        refuse("general_conv", found, "channels that groups divide, both 1 or more", "Choose other groups")
    if dilation > 1:
        behind = (0, 1 - dilation)  # no zeros behind the last weight
        b = ops.pad(ops.dilate(b, (0, 1), dilation - 1), (behind, behind, (0, 0), (0, 0)))
    if groups == 1:
        return ops.conv(a, b, stride, padding)
    images, kernels = (ops.split(_grouped(one, groups), 3).tuple() for one in (a, b))
    parts = [ops.conv(x, w, stride, padding) for x, w in zip(images, kernels, strict=True)]
    return ops.concat(parts, 3)


def _grouped(a: Tensor, groups: int) -> Tensor:
    """Shapes: (..., C) -> (..., groups, C / groups)."""
    return ops.reshape(a, (*a.shape[:-1], groups, a.shape[-1] // groups))


class GeneralConv(Module):
    """Convolve images, with a dilated kernel and in groups of channels as one likes.

    Without a padding, that of `Conv`: with stride 1 and an odd kernel, images keep their size.
    `weight` is (K, K, in_channels / groups, out_channels), `bias` (out_channels,), both drawn as by `Conv`.
    Shapes: x (N, in_channels, H, W) -> (N, out_channels, R, S).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        bias: bool = True,
        *,
        padding: int | None = None,
        dilation: int = 1,
        groups: int = 1,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.settings = {
            "stride": stride,
            "padding": dilation * (kernel_size // 2) if padding is None else padding,
            "dilation": dilation,
            "groups": groups,
        }
        shape = (kernel_size, kernel_size, in_channels // groups, out_channels)
        self.weight, self.bias = _drawn(shape, bias, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        require_images("GeneralConv", x, self.in_channels)
        return _channels_first(general_conv(_channels_last(x), self.weight, **self.settings), self.bias)


class ConvTranspose(Module):
    """Go back from what a convolution makes to images of the size that it was made of.

    Each pixel spreads over the places that a kernel of this stride and padding would have met; stride 2
    makes images twice as large. `output_padding`, less than the stride, adds rows and columns at the end,
    where several sizes fit. `weight` is (K, K, in_channels, out_channels), `bias` (out_channels,).
    Shapes: x (N, in_channels, H, W) -> (N, out_channels, (H - 1) * stride - 2 * padding + K + output_padding,
    the same of W).
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        bias: bool = True,
        *,
        padding: int = 0,
        output_padding: int = 0,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        if not 0 <= output_padding < stride:
            found = f"output_padding {output_padding}, stride {stride}"
            refuse("ConvTranspose", found, "an output_padding of less than the stride", "Take a smaller one")
        self.in_channels = in_channels
        self.stride = stride
        self.margin = (kernel_size - 1 - padding, kernel_size - stride - padding + output_padding)
        self.weight, self.bias = _drawn(
            (kernel_size, kernel_size, in_channels, out_channels), bias, device, dtype
        )

    def forward(self, x: Tensor) -> Tensor:
        require_images("ConvTranspose", x, self.in_channels)
        spread = ops.dilate(_channels_last(x), (1, 2), self.stride - 1)
        padded = ops.pad(spread, ((0, 0), self.margin, self.margin, (0, 0)))
        return _channels_first(ops.conv(padded, ops.flip(self.weight, (0, 1)), 1, 0), self.bias)


def _drawn(
    shape: tuple[int, ...], bias: bool, device: Device | None, dtype: str
) -> tuple[Parameter, Parameter | None]:
    """Draw a weight, and then a bias, as `Conv` does."""
    fan_in, outs = math.prod(shape[:3]), shape[3]
    weight = init.kaiming_uniform(
        fan_in, math.prod(shape[:2]) * outs, shape=shape, device=device, dtype=dtype
    )
    if not bias:
        return Parameter(weight), None
    bound = 1 / math.sqrt(fan_in)
    drawn = init.rand(outs, low=-bound, high=bound, device=device, dtype=dtype)
    return Parameter(weight), Parameter(drawn)


def _channels_last(x: Tensor) -> Tensor:
    return ops.transpose(ops.transpose(x, (1, 2)), (2, 3))


def _channels_first(x: Tensor, bias: Tensor | None) -> Tensor:
    """Add a bias to each channel, and move the channels to the front."""
    out = x if bias is None else x + ops.broadcast_to(bias, x.shape)
    return ops.transpose(ops.transpose(out, (2, 3)), (1, 2))
