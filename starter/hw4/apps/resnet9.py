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
        raise NotImplementedError("not started: hw4/resnet9")

    def forward(self, x):
        raise NotImplementedError("not started: hw4/resnet9")
