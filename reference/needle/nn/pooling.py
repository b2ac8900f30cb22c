"""Layers that make images smaller: of each window one number, channel by channel."""

from needle import ops
from needle.autograd import Tensor
from needle.nn.images import require_images
from needle.nn.module import Module


class MaxPool(Module):
    """Take the largest number of each window, by default of windows side by side.

    Shapes: x (N, C, H, W) -> (N, C, R, S), as `ops.max_pool` says.
    """

    pool = staticmethod(ops.max_pool)

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        require_images(type(self).__name__, x)
        channels_last = ops.transpose(ops.transpose(x, (1, 2)), (2, 3))
        out = self.pool(channels_last, self.kernel_size, self.stride, self.padding)
        return ops.transpose(ops.transpose(out, (2, 3)), (1, 2))


class AvgPool(MaxPool):
    """Take the mean of each window, by default of windows side by side; the padding counts as zeros."""

    pool = staticmethod(ops.average_pool)
