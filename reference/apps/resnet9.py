"""A small residual network of convolutions, for images of 32 x 32 pixels."""

from needle import nn


class ResNet9(nn.Module):
    """Classify images by eight convolutions, two pairs of which are residual, and two linear layers.

    In order, where ConvBN(a, b, k, s) is Sequential(Conv(a, b, k, stride=s), BatchNorm2d(b), ReLU):

        ConvBN(3, 16, 7, 4)
        ConvBN(16, 32, 3, 2)
        Residual(Sequential(ConvBN(32, 32, 3, 1), ConvBN(32, 32, 3, 1)))
        ConvBN(32, 64, 3, 2)
        ConvBN(64, 128, 3, 2)
        Residual(Sequential(ConvBN(128, 128, 3, 1), ConvBN(128, 128, 3, 1)))
        Flatten
        Linear(128, 128)
        ReLU
        Linear(128, 10)

    The modules are made in this order, which is that of the random draws; device and dtype go to each that
    has parameters.
    Shapes: x (N, 3, 32, 32) -> (N, 10), logits.
    Source: after He et al., Deep Residual Learning for Image Recognition (2015).
    """

    def __init__(self, device=None, dtype="float32"):
        super().__init__()
        self.layers = nn.Sequential(
            _conv_bn(3, 16, 7, 4, device, dtype),
            _conv_bn(16, 32, 3, 2, device, dtype),
            _residual(32, device, dtype),
            _conv_bn(32, 64, 3, 2, device, dtype),
            _conv_bn(64, 128, 3, 2, device, dtype),
            _residual(128, device, dtype),
            nn.Flatten(),
            nn.Linear(128, 128, device=device, dtype=dtype),
            nn.ReLU(),
            nn.Linear(128, 10, device=device, dtype=dtype),
        )

    def forward(self, x):
        return self.layers(x)


def _conv_bn(in_channels, out_channels, kernel_size, stride, device, dtype):
    """Return a convolution, its batch normalization and a ReLU."""
    return nn.Sequential(
        nn.Conv(in_channels, out_channels, kernel_size, stride, device=device, dtype=dtype),
        nn.BatchNorm2d(out_channels, device=device, dtype=dtype),
        nn.ReLU(),
    )


def _residual(channels, device, dtype):
    """Return two convolutions whose outcome is added to what comes in."""
    return nn.Residual(
        nn.Sequential(
            _conv_bn(channels, channels, 3, 1, device, dtype),
            _conv_bn(channels, channels, 3, 1, device, dtype),
        )
    )
