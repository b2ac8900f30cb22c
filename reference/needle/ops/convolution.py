"""Convolution of images with a kernel of weights, for every channel at once."""

from needle.autograd import NDArray, Tensor, TensorOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names
from needle.ops.mathematic import transpose
from needle.ops.padding import pad
from needle.ops.shapes import Shape, refuse
from needle.ops.shaping import dilate, flip


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
        if self.padding:
            margin = (self.padding, self.padding)
            a = array_api.pad(a, ((0, 0), margin, margin, (0, 0)))
        examples, height, width, channels = a.shape
        kernel_rows, kernel_columns, _, outputs = b.shape
        rows = (height - kernel_rows) // self.stride + 1
        columns = (width - kernel_columns) // self.stride + 1
        total = None
        for i in range(kernel_rows):
            for j in range(kernel_columns):
                down = slice(i, i + (rows - 1) * self.stride + 1, self.stride)
                across = slice(j, j + (columns - 1) * self.stride + 1, self.stride)
                met = array_api.reshape(a[:, down, across, :], (examples * rows * columns, channels))
                product = met @ array_api.reshape(b[i, j, :, :], (channels, outputs))
                total = product if total is None else total + product
        return array_api.reshape(total, (examples, rows, columns, outputs))

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor | None, Tensor]:
        a, b = node.inputs
        spread = dilate(out_grad, (1, 2), self.stride - 1)
        grad_b = self._grad_b(spread, a, b)
        # the gradient of a batch of data, which nobody asks for, would be a network's largest convolution
        return self._grad_a(spread, a, b) if a.requires_grad else None, grad_b

    def _grad_a(self, spread: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Slide the kernel, turned round and with its channels swapped, over the gradients."""
        margins = [
            (kernel - 1 - self.padding, size + self.padding - length)
            for size, kernel, length in zip(a.shape[1:3], b.shape[:2], spread.shape[1:3], strict=True)
        ]
        gradients = pad(spread, ((0, 0), *margins, (0, 0)))
        return conv(gradients, transpose(flip(b, (0, 1)), (2, 3)), 1, 0)

    def _grad_b(self, spread: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Slide the gradients over the images, with the examples as channels."""
        margins = [
            (0, size + 2 * self.padding - kernel + 1 - length)
            for size, kernel, length in zip(a.shape[1:3], b.shape[:2], spread.shape[1:3], strict=True)
        ]
        gradients = pad(spread, ((0, 0), *margins, (0, 0)))  # as far as the kernel went, place by place
        kernel = transpose(transpose(gradients, (0, 1)), (1, 2))  # (N, ., ., O) -> (., ., N, O)
        found = conv(transpose(a, (0, 3)), kernel, 1, self.padding)
        return transpose(transpose(found, (0, 1)), (1, 2))  # (C, K, L, O) -> (K, L, C, O)


def conv(a: Tensor, b: Tensor, stride: int = 1, padding: int = 1) -> Tensor:
    return Conv(stride, padding)(a, b)
