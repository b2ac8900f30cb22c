"""Convolution of images with a kernel of weights, for every channel at once."""

from needle.autograd import NDArray, Tensor, TensorOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names
from needle.ops.shapes import Shape, refuse


class Conv(TensorOp):
    """Slide a kernel over images, and sum the products at each place.

    out[n, r, c, o] = sum over i, j, k of padded[n, r * stride + i, c * stride + j, k] * b[i, j, k, o]

    where padded is a with `padding` rows and columns of zeros on each of the four sides. The kernel is not
    turned round, and is not always square.
    Shapes: a (N, H, W, C), b (K, L, C, O) -> (N, R, S, O) with R = (H + 2 * padding - K) // stride + 1 and
    S = (W + 2 * padding - L) // stride + 1.
    """

    def __init__(self, stride: int = 1, padding: int = 0) -> None:
        if stride < 1 or padding < 0:
            found, advice = f"stride {stride}, padding {padding}", "To crop an image, call pad"
            refuse("Conv", found, "a stride of 1 or more, a padding of 0 or more", advice)
        self.stride = stride
        self.padding = padding

    def check_shapes(self, a: Shape, b: Shape) -> None:
        found = f"a is {a}, b is {b}"
        if len(a) != 4 or len(b) != 4:
            refuse("Conv", found, "images (N, H, W, C) and a kernel (K, L, C, O)", "Reshape them")
        if a[3] != b[2]:
            expected = f"as many channels in images, here {a[3]}, as the kernel takes, here {b[2]}"
            refuse("Conv", found, expected, "Images have their channels last; is axis 1 theirs? Transpose")
        for size, kernel in zip(a[1:3], b[:2], strict=True):
            if not 0 < kernel <= size + 2 * self.padding:
                expected = f"a kernel no larger than the image with its padding of {self.padding}, nor empty"
                refuse("Conv", found, expected, "Pad more, or take a smaller kernel")

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/conv_forward")

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor | None, Tensor]:
        raise NotImplementedError("not started: hw4/conv_backward")


def conv(a: Tensor, b: Tensor, stride: int = 1, padding: int = 1) -> Tensor:
    return Conv(stride, padding)(a, b)
