"""A layer that convolves images."""

import math

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.images import require_images
from needle.nn.module import Module, Parameter


class Conv(Module):
    """Slide kernels over images: one kernel for each channel that comes out, and a bias added to it.

    Each side is padded with kernel_size // 2 zeros: with stride 1 and an odd kernel, images keep their size.
    kernel_size and stride may be tuples, whose element 0 counts.

    `weight` is a Parameter (K, K, in_channels, out_channels), drawn first, by kaiming_uniform with fan_in
    K * K * in_channels, fan_out K * K * out_channels and this shape. `bias` is a Parameter (out_channels,),
    drawn from U(-b, b) with b = 1 / sqrt(in_channels * K * K), or None without a bias.
    Shapes: x (N, in_channels, H, W) -> (N, out_channels, R, S), as `ops.conv` says.
    Raises: ShapeError (a ValueError) for other images, as `needle.nn.images.require_images` does.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        bias: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size[0] if isinstance(kernel_size, tuple) else kernel_size
        self.stride = stride[0] if isinstance(stride, tuple) else stride
        self.padding = self.kernel_size // 2
        area = self.kernel_size**2
        shape = (self.kernel_size, self.kernel_size, in_channels, out_channels)
        weight = init.kaiming_uniform(
            area * in_channels, area * out_channels, shape=shape, device=device, dtype=dtype
        )
        self.weight = Parameter(weight)
        self.bias = None
        if bias:
            bound = 1 / math.sqrt(area * in_channels)
            drawn = init.rand(out_channels, low=-bound, high=bound, device=device, dtype=dtype)
            self.bias = Parameter(drawn)

    def forward(self, x: Tensor) -> Tensor:
        require_images("Conv", x, self.in_channels)
        channels_last = ops.transpose(ops.transpose(x, (1, 2)), (2, 3))
        out = ops.conv(channels_last, self.weight, self.stride, self.padding)
        if self.bias is not None:
            out = out + self.bias.broadcast_to(out.shape)
        return ops.transpose(ops.transpose(out, (2, 3)), (1, 2))
