"""conv_backward: gradients worked by hand, rule by rule, then those of any convolution by scalar loops."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, gradient, shown_as
from grader.expect.drawing import arrays, reproducible

KERNEL = [[1, 10], [100, 1000]]


def image(rows):
    """Return one image of one channel."""
    return ndl.Tensor([[[[number] for number in row] for row in rows]], dtype="float32")


def kernel(rows):
    """Return a kernel from one channel to one channel."""
    return ndl.Tensor([[[[number]] for number in row] for row in rows], dtype="float32")


def as_image(rows):
    return [[[[number] for number in row] for row in rows]]


def as_kernel(rows):
    return [[[[number]] for number in row] for row in rows]


def conv(stride, padding):
    """Return convolution with these settings, to be called."""
    text = f"(lambda a, b: ndl.conv(a, b, {stride}, {padding}))"
    return shown_as(text, lambda a, b: ndl.conv(a, b, stride, padding))


def test_a_kernel_of_one_weight_multiplies_and_so_do_its_gradients():
    a, b = image([[2, 3], [5, 7]]), kernel([[10]])
    found = gradient(conv(1, 0), a, b, out_grad=as_image([[1, 2], [3, 4]]))
    because = "y = 10 a: each pixel gets 10 times its out_grad."
    found[0].returns(as_image([[10, 20], [30, 40]]), because=because)
    because = "the weight met every pixel: 1 * 2 + 2 * 3 + 3 * 5 + 4 * 7."
    found[1].returns([[[[51]]]], because=because)


def test_every_pixel_gets_the_weights_that_it_met_times_the_gradients_where_it_met_them():
    a, b = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), kernel(KERNEL)
    found = gradient(conv(1, 0), a, b, out_grad=as_image([[1, 2], [3, 4]]))
    because = (
        "the pixel in the middle met 1000 in the first output, 100 in the second, 10 in the third and 1 in "
    )
    because += "the last: 1 * 1000 + 2 * 100 + 3 * 10 + 4 * 1. The corners met one weight each."
    expected = as_image([[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]])
    found[0].returns(expected, because=because)
    found.keeps().has_shapes_of_inputs(because="a gradient has the shape of its input.").keeps_dtype()


def test_every_weight_gets_the_pixels_that_it_met_times_the_gradients_where_it_met_them():
    a, b = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), kernel(KERNEL)
    found = gradient(conv(1, 0), a, b, out_grad=as_image([[1, 2], [3, 4]]))
    because = "b[0, 0] met 1, 2, 4, 5: 1 * 1 + 2 * 2 + 3 * 4 + 4 * 5 = 37; b[0, 1] met 2, 3, 5, 6."
    found[1].returns(as_kernel([[37, 47], [67, 77]]), because=because)


def test_what_lies_on_the_frame_gets_no_gradient():
    found = gradient(conv(1, 1), image([[5, 7]]), kernel([[1, 10, 100]]), out_grad=np.ones((1, 3, 2, 1)))
    because = (
        "the frame makes 3 rows of outputs, of which only the middle one meets the image. There 5 met 10 "
    )
    because += "and 1, 7 met 100 and 10; zeros of the frame met the rest."
    found[0].returns(as_image([[11, 110]]), because=because)
    found[1].returns(
        as_kernel([[5, 12, 7]]), because="b[0, 0] met 0 and 5, b[0, 1] 5 and 7, b[0, 2] 7 and 0."
    )
    found = gradient(conv(1, 1), image([[3]]), kernel([[10]]), out_grad=np.arange(9.0).reshape(1, 3, 3, 1))
    because = (
        "the margin is wider than the kernel reaches: only the middle output, of weight 4, met the image."
    )
    found[0].returns([[[[40]]]], because=because)
    found[1].returns([[[[12]]]], because=because)


def test_with_a_stride_the_gradients_lie_apart():
    found = gradient(conv(2, 0), image([[1, 2, 3, 4]]), kernel([[1, 10]]), out_grad=as_image([[1, 2]]))
    because = "the kernel lay on 1 2, then on 3 4: no pixel met both outputs."
    found[0].returns(as_image([[1, 10, 2, 20]]), because=because)
    found[1].returns(as_kernel([[1 * 1 + 2 * 3, 1 * 2 + 2 * 4]]), because="1 * 1 + 2 * 3 and 1 * 2 + 2 * 4.")
    found = gradient(conv(3, 0), image([[1, 2, 3, 4]]), kernel([[10]]), out_grad=as_image([[1, 2]]))
    because = "with stride 3 the pixels 2 and 3 met nothing."
    found[0].returns(as_image([[10, 0, 0, 20]]), because=because)


def test_pixels_that_the_kernel_did_not_reach_get_no_gradient():
    a, b = image([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]), kernel([[1, 10]])
    found = gradient(conv(2, 0), a, b, out_grad=as_image([[1, 2]]))
    because = "(5 - 2) // 2 + 1 = 2 outputs of the first row: column 4 and the second row met nothing."
    found[0].returns(as_image([[1, 10, 2, 20, 0], [0, 0, 0, 0, 0]]), because=because)
    found[1].returns(as_kernel([[7, 10]]), because="1 * 1 + 2 * 3 and 1 * 2 + 2 * 4; 5 met nothing.")
    found = gradient(conv(3, 1), image([[1, 2, 3, 4]]), kernel([[1], [10], [0]]), out_grad=as_image([[1, 2]]))
    because = (
        "padded to 6 columns, which the kernel meets at columns 0 and 3: a zero of the frame, and the 3."
    )
    found[0].returns(as_image([[0, 0, 20, 0]]), because=because)


def test_each_channel_gets_its_part_from_all_channels_that_it_went_into():
    a = ndl.Tensor([[[[3, 4]]]], dtype="float32")
    b = ndl.Tensor([[[[1, 10], [100, 1000]]]], dtype="float32")
    found = gradient(conv(1, 0), a, b, out_grad=[[[[2, 5]]]])
    because = "channel 0 went with 1 into the first output and with 10 into the second: 2 * 1 + 5 * 10."
    found[0].returns([[[[52, 5200]]]], because=because)
    because = (
        "the weight from channel k to o gets a's k times out_grad's o: [[3 * 2, 3 * 5], [4 * 2, 4 * 5]]."
    )
    found[1].returns([[[[6, 15], [8, 20]]]], because=because)


def test_a_weight_sums_over_all_images():
    a = ndl.Tensor([[[[1], [2]]], [[[3], [4]]]], dtype="float32")
    found = gradient(conv(1, 0), a, kernel([[1, 10]]), out_grad=[[[[1]]], [[[100]]]])
    found[1].returns(as_kernel([[301, 402]]), because="1 * 1 + 100 * 3 and 1 * 2 + 100 * 4.")
    because = "an image gets what its own outputs weigh."
    found[0].returns([[[[1], [10]]], [[[100], [1000]]]], because=because)


def test_reverse_mode_leaves_both_gradients():
    a, b = image([[1, 2, 3]]), kernel([[1, 10]])
    found = backward(conv(1, 0), a, b, out_grad=as_image([[1, 2]]))
    because = "`backward` calls the op's gradient, and leaves what it returns."
    found[0].returns(as_image([[1, 12, 20]]), because=because)
    found[1].returns(as_kernel([[5, 8]]), because=because)


@st.composite
def convolutions(draw):
    """Draw images, a kernel, a stride, a padding, and weights of the outcome."""
    examples, channels, outputs = (draw(st.integers(1, 2)) for _ in range(3))
    stride, padding = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    sides = [draw(st.integers(1, 3)) for _ in range(2)]
    sizes = [draw(st.integers(max(1, side - 2 * padding), 5)) for side in sides]
    counts = [(size + 2 * padding - side) // stride + 1 for size, side in zip(sizes, sides, strict=True)]
    shapes = (examples, *sizes, channels), (*sides, channels, outputs), (examples, *counts, outputs)
    return stride, padding, *(draw(arrays(shape, -2, 2)) for shape in shapes)


def meetings(a, out_grad, weight, stride, padding):
    """Yield where b[i, j] lay on a pixel and not on the frame: the places of the pixel and of the output."""
    for n, r, c in np.ndindex(out_grad.shape[:3]):
        row, column = r * stride - padding + weight[0], c * stride - padding + weight[1]
        if 0 <= row < a.shape[1] and 0 <= column < a.shape[2]:
            yield (n, row, column), (n, r, c)


def shares_of_a_weight(a, out_grad, place, stride, padding):
    """Yield what each pixel that a weight met gives to its gradient."""
    *weight, channel, output = place
    for pixel, outcome in meetings(a, out_grad, weight, stride, padding):
        yield float(a[(*pixel, channel)]) * float(out_grad[(*outcome, output)])


@reproducible
@given(convolutions())
def test_the_gradient_of_any_kernel_is_what_its_weights_met_number_by_number(drawn):
    stride, padding, a, b, out_grad = drawn
    expected = np.zeros(b.shape)
    for place in np.ndindex(b.shape):
        expected[place] = math.fsum(shares_of_a_weight(a, out_grad, place, stride, padding))
    because = "a weight gets the sum of out_grad times the pixel, of all places where it lay on one."
    found = gradient(conv(stride, padding), ndl.Tensor(a), ndl.Tensor(b), out_grad=out_grad)
    found[1].returns(expected, because=because)


@reproducible
@given(convolutions())
def test_the_gradient_of_any_images_is_what_their_pixels_met_number_by_number(drawn):
    stride, padding, a, b, out_grad = drawn
    shares = {place: [0.0] for place in np.ndindex(a.shape)}
    for (i, j, channel, output), weight in np.ndenumerate(b):
        for pixel, outcome in meetings(a, out_grad, (i, j), stride, padding):
            shares[(*pixel, channel)].append(float(weight) * float(out_grad[(*outcome, output)]))
    expected = np.reshape([math.fsum(shares[place]) for place in np.ndindex(a.shape)], a.shape)
    because = "a pixel gets the sum of out_grad times the weight, of all places where one lay on it."
    found = gradient(conv(stride, padding), ndl.Tensor(a), ndl.Tensor(b), out_grad=out_grad)
    found[0].returns(expected, because=because)
    found.keeps().has_shapes_of_inputs(because="a gradient has the shape of its input.").keeps_dtype()


def test_gradients_can_be_differentiated_again():
    rng = np.random.default_rng(0)
    for stride, padding in ((1, 1), (2, 1), (2, 0)):
        a = ndl.Tensor(rng.integers(-2, 3, size=(2, 6, 5, 2)), dtype="float32")
        b = ndl.Tensor(rng.integers(-2, 3, size=(3, 2, 2, 3)), dtype="float32")
        gradient(conv(stride, padding), a, b).can_be_differentiated_again()
