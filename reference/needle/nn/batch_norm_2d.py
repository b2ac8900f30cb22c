"""Batch normalization of images."""

from needle.autograd import Tensor
from needle.nn.images import require_images
from needle.nn.normalization import BatchNorm1d


class BatchNorm2d(BatchNorm1d):
    """Normalize each channel of images, as BatchNorm1d does a feature: each pixel counts as an example.

    Shapes: x (N, dim, H, W) -> (N, dim, H, W).
    Raises: ShapeError for other images.
    Source: Ioffe and Szegedy, Batch Normalization (2015).
    """

    def forward(self, x: Tensor) -> Tensor:
        require_images("BatchNorm2d", x, self.dim)
        examples, _, height, width = x.shape
        channels_last = x.transpose((1, 2)).transpose((2, 3))
        pixels = channels_last.reshape((examples * height * width, self.dim))
        normalized = super().forward(pixels).reshape(channels_last.shape)
        return normalized.transpose((2, 3)).transpose((1, 2))
