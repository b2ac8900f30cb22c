"""conv_forward: small images worked by hand, rule by rule, then any convolution by scalar loops."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, runner, seen
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)

KERNEL = [[1, 10], [100, 1000]]  # of decimal places, so that a sum shows which numbers met which weight


def image(rows):
    """Return one image of one channel."""
    return ndl.Tensor([[[[number] for number in row] for row in rows]], dtype="float32")


def kernel(rows):
    """Return a kernel from one channel to one channel."""
    return ndl.Tensor([[[[number]] for number in row] for row in rows], dtype="float32")


def as_image(rows):
    return [[[[number] for number in row] for row in rows]]


def test_an_output_is_the_sum_of_products_where_the_kernel_lies():
    a, b = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), kernel(KERNEL)
    because = "at (0, 0) the kernel lies on 1, 2, 4, 5: 1 * 1 + 2 * 10 + 4 * 100 + 5 * 1000."
    made = call(ndl.conv, a, b, stride=1, padding=0)
    made.returns(as_image([[5421, 6532], [8754, 9865]]), because=because).has_dtype(np.float32).keeps()


def test_padding_puts_zeros_on_all_four_sides():
    a, b = image([[1, 2], [3, 4]]), kernel(KERNEL)
    because = "in a frame of zeros the kernel has 3 x 3 places. At the first one only its 1000 meets a 1, "
    because += "at the last one only its 1 a 4; in the middle it lies on 1, 2, 3, 4."
    expected = as_image([[1000, 2100, 200], [3010, 4321, 402], [30, 43, 4]])
    call(ndl.conv, a, b, stride=1, padding=1).returns(expected, because=because).keeps()
    call(ndl.conv, a, b).returns(expected, because="by default `conv` has stride 1 and padding 1.")


def test_a_stride_leaves_places_out():
    a, b = image([[1, 2, 3, 4, 5, 6]]), kernel([[1, 10]])
    because = "with stride 2 the kernel lies on 1 2, then 3 4, then 5 6."
    call(ndl.conv, a, b, stride=2, padding=0).returns(as_image([[21, 43, 65]]), because=because)
    because = "with stride 3 it lies on 1 2, then 4 5; 3 and 6 meet nothing."
    call(ndl.conv, a, b, stride=3, padding=0).returns(as_image([[21, 54]]), because=because)


def test_rows_and_columns_that_the_kernel_does_not_reach_are_left_over():
    a, b = image([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]]), kernel(KERNEL)
    because = "(3 - 2) // 2 + 1 = 1 row and (5 - 2) // 2 + 1 = 2 columns: at 4 it would stick out."
    call(ndl.conv, a, b, stride=2, padding=0).returns(as_image([[7621, 9843]]), because=because)


def test_stride_and_padding_go_together():
    a, b = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), kernel([[1, 0, 0], [0, 10, 0], [0, 0, 100]])
    because = "padded, the image is 5 x 5. In the corners: 1 * 10 + 5 * 100, 3 * 10, 7 * 10, 5 * 1 + 9 * 10."
    call(ndl.conv, a, b, stride=2, padding=1).returns(as_image([[510, 30], [70, 95]]), because=because)
    because = "a kernel of one number, stride 2, padding 2, meets the frame, and in the middle the image."
    expected = as_image([[0, 0, 0], [0, 5, 0], [0, 0, 0]])
    call(ndl.conv, image([[5]]), kernel([[1]]), stride=2, padding=2).returns(expected, because=because)


def test_every_output_channel_sums_over_all_input_channels():
    a = ndl.Tensor([[[[3, 4], [5, 6]]]], dtype="float32")
    b = ndl.Tensor([[[[1, 10, 0.5], [100, 2, 1]]]], dtype="float32")
    because = "b[i, j] is a matrix from 2 channels to 3: 3 * 1 + 4 * 100, 3 * 10 + 4 * 2, 3 * 0.5 + 4, and "
    because += "the same of the pixel (5, 6)."
    made = call(ndl.conv, a, b, stride=1, padding=0)
    made.returns([[[[403, 38, 5.5], [605, 62, 8.5]]]], because=because)


def test_images_do_not_meet_each_other():
    a = ndl.Tensor([[[[1], [2], [3]]], [[[10], [20], [30]]]], dtype="float32")
    because = "the second image is ten times the first, and so is what comes of it."
    made = call(ndl.conv, a, kernel([[1, 100]]), stride=1, padding=0)
    made.returns([[[[201], [302]]], [[[2010], [3020]]]], because=because)


def test_the_images_may_be_a_view():
    line = "a = ndl.transpose(ndl.Tensor([[[[1], [4]], [[2], [5]], [[3], [6]]]], dtype='float32'), (1, 2))"
    made, text = ran(
        line,
        "b = ndl.Tensor([[[[1]], [[10]]], [[[100]], [[1000]]]], dtype='float32')",
        "y = ndl.conv(a, b, 1, 0)",
    )
    because = "a shows [[1, 2, 3], [4, 5, 6]], by strides that are not those of an array in row-major order."
    seen(f"{text}; y", made["y"]).returns(as_image([[5421, 6532]]), because=because)


@st.composite
def convolutions(draw):
    """Draw images and a kernel, a stride and a padding, so that the kernel fits."""
    examples, channels, outputs = (draw(st.integers(1, 2)) for _ in range(3))
    stride, padding = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    sides = [draw(st.integers(1, 3)) for _ in range(2)]
    sizes = [draw(st.integers(max(1, side - 2 * padding), 5)) for side in sides]
    a = draw(arrays((examples, *sizes, channels), -2, 2))
    return a, draw(arrays((*sides, channels, outputs), -2, 2)), stride, padding


def products(pixels, weights, row, column):
    """Yield what one kernel's weights give with the pixels that they lie on, the corner at (row, column)."""
    for (i, j, channel), weight in np.ndenumerate(weights):
        if 0 <= row + i < len(pixels) and 0 <= column + j < len(pixels[0]):
            yield float(pixels[row + i][column + j][channel]) * float(weight)


@reproducible
@given(convolutions())
def test_any_convolution_gives_what_its_formula_gives_number_by_number(drawn):
    a, b, stride, padding = drawn
    (_, height, width, _), (rows, columns, _, outputs) = a.shape, b.shape
    down = range(-padding, height + padding - rows + 1, stride)
    across = range(-padding, width + padding - columns + 1, stride)
    expected = [
        [[[math.fsum(products(one, b[..., o], r, c)) for o in range(outputs)] for c in across] for r in down]
        for one in a.tolist()
    ]
    because = "each output is the sum of the products, where a weight that lies on the frame counts 0."
    made = call(ndl.conv, ndl.Tensor(a), ndl.Tensor(b), stride=stride, padding=padding)
    made.returns(expected, because=because).has_dtype(np.float32).keeps()
