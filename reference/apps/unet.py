"""A U-Net: a class for each pixel of an image."""

from needle import nn, ops
from needle.ops.shapes import refuse


class UNet(nn.Module):
    """Look at images in ever coarser resolutions, and combine what was seen on the way back up.

    Each of `depth` steps down halves the images and doubles their channels, beginning with `width`; each step
    up doubles them by a transposed convolution, and joins to them what the step down left at that size.
    Shapes: x (N, in_channels, H, W), H and W multiples of 2 ** depth -> (N, classes, H, W), logits.
    Source: Ronneberger, Fischer and Brox, U-Net (2015), with the margins of `Conv` and batch normalization.
    """

    def __init__(self, in_channels, classes, width=16, depth=3, device=None, dtype="float32"):
        super().__init__()
        self.depth = depth
        settings = {"device": device, "dtype": dtype}
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [in_channels, *widths[:-1]]
        self.down = [two_convolutions(a, b, settings) for a, b in zip(inputs, widths, strict=True)]
        self.pool = nn.MaxPool(2)
        levels = [*reversed(range(depth))]
        self.up = [nn.ConvTranspose(widths[at + 1], widths[at], 2, 2, **settings) for at in levels]
        self.joined = [two_convolutions(widths[at + 1], widths[at], settings) for at in levels]
        self.logits = nn.Conv(width, classes, 1, **settings)

    def forward(self, x):
        if len(x.shape) != 4 or any(side % 2**self.depth for side in x.shape[2:]):
            expected = f"images (N, C, H, W) with sides that {2**self.depth} divides"
            refuse("UNet", f"x is {x.shape}", expected, "Crop or pad them, or take a smaller depth")
        seen = [self.down[0](x)]
        for layers in self.down[1:]:
            seen.append(layers(self.pool(seen[-1])))
        out = seen.pop()
        for up, layers in zip(self.up, self.joined, strict=True):
            out = layers(ops.concat([seen.pop(), up(out)], 1))
        return self.logits(out)


def two_convolutions(in_channels, out_channels, settings):
    """Return two convolutions of 3 x 3, each with batch normalization and a ReLU."""
    layers = []
    for channels in (in_channels, out_channels):
        layers += [nn.Conv(channels, out_channels, 3, **settings)]
        layers += [nn.BatchNorm2d(out_channels, **settings), nn.ReLU()]
    return nn.Sequential(*layers)
