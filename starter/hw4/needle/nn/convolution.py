"""A layer that convolves images."""

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module


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
        raise NotImplementedError("not started: hw4/conv_module")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/conv_module")
