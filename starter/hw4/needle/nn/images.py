"""What the modules on images take: (N, C, H, W), each channel of an image as a matrix of its own."""

from needle.autograd import Tensor
from needle.ops.shapes import refuse


def require_images(layer: str, x: Tensor, channels: int | None = None) -> None:
    """Raises: ShapeError, which names the layer, unless x is (N, channels, H, W); None stands for any."""
    if len(x.shape) != 4:
        refuse(layer, f"x is {x.shape}", f"images (N, {channels or 'C'}, H, W)", "Reshape them")
    if channels not in (None, x.shape[1]):
        advice = "Put the channels on axis 1, or build the layer for as many as there are"
        refuse(layer, f"x is {x.shape}", f"(N, {channels}, H, W), images of {channels} channels", advice)
