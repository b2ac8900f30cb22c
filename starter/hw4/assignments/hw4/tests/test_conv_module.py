"""conv_module: layers of fixed weights by hand, how a new one is drawn, and any layer by scalar loops."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises, reachable, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)

CORNERS = [[1, 0, 10], [0, 0, 0], [100, 0, 1000]]
RIGHT = [[0, 0, 0], [0, 0, 1], [0, 0, 0]]  # takes the pixel to the right


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def layer_of(weight, bias=None, stride=1):
    """Return a layer with these parameters, to be called; weight is (K, K, in, out)."""
    size, _, ins, outs = np.shape(weight)
    lines = [f"layer = ndl.nn.Conv({ins}, {outs}, {size}, stride={stride}, bias={bias is not None})"]
    lines.append(f"layer.weight = ndl.nn.Parameter({tensor(weight)})")
    if bias is not None:
        lines.append(f"layer.bias = ndl.nn.Parameter({tensor(bias)})")
    made, text = ran(*lines)
    return shown_as("layer", made["layer"], setup=text)


def of_one_channel(rows):
    return [[[[number]] for number in row] for row in rows]


def test_images_have_their_channels_first_and_so_has_what_comes_out():
    x = ndl.Tensor([[[[1, 2, 3, 4]], [[5, 6, 7, 8]]]], dtype="float32")
    because = (
        "x is one image of 2 channels, 1 x 4 pixels. A 1 x 1 kernel from 2 channels to 3 makes, of a pixel's "
    )
    because += "p and q: p + 10 q, 100 p, q."
    expected = [[[[51, 62, 73, 84]], [[100, 200, 300, 400]], [[5, 6, 7, 8]]]]
    made = call(layer_of([[[[1, 100, 0], [10, 0, 1]]]]), x)
    made.returns(expected, because=because).has_dtype(np.float32).keeps()


def test_with_stride_1_and_an_odd_kernel_images_keep_their_size():
    x = ndl.Tensor([[[[1, 2, 3], [4, 5, 6]]]], dtype="float32")
    because = (
        "3 // 2 = 1 zero on each side. The kernel takes the pixel to the right of each: 2, 3, and then a 0."
    )
    call(layer_of(of_one_channel(RIGHT)), x).returns([[[[2, 3, 0], [5, 6, 0]]]], because=because)
    because = "the corners of the kernel meet what lies diagonally: around 2 there are 4 below left, 6 right."
    expected = [[[[5000, 6400, 500], [20, 31, 2]]]]
    call(layer_of(of_one_channel(CORNERS)), x).returns(expected, because=because)
    because = (
        "5 // 2 = 2 zeros on each side keep the 2 x 2 pixels of an image that is smaller than the kernel."
    )
    far = np.zeros((5, 5, 1, 1))
    far[1, 1] = 1
    small = ndl.Tensor([[[[1, 2], [3, 4]]]], dtype="float32")
    call(layer_of(far), small).returns([[[[0, 0], [0, 1]]]], because=because)


def test_the_bias_of_a_channel_is_added_to_each_of_its_pixels_once():
    weight = [[[[1, 2]]]]
    x = ndl.Tensor([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]], dtype="float32")
    because = (
        "channel 0 is x + 100, channel 1 is 2 x + 1000, in both images; (2, 2, 2, 2) hides a wrong axis."
    )
    expected = [
        [[[101, 102], [103, 104]], [[1002, 1004], [1006, 1008]]],
        [[[105, 106], [107, 108]], [[1010, 1012], [1014, 1016]]],
    ]
    call(layer_of(weight, [100, 1000]), x).returns(expected, because=because)
    row = ndl.Tensor([[[[1, 2, 3]]]], dtype="float32")
    because = "pixels that meet only zeros of the frame have the bias too, and once: 2 + 7, 3 + 7, 0 + 7."
    call(layer_of(of_one_channel(RIGHT), [7]), row).returns([[[[9, 10, 7]]]], because=because)


def test_a_stride_takes_every_second_place_and_halves_images():
    x = ndl.Tensor([[[[1, 2, 3, 4], [5, 6, 7, 8]]]], dtype="float32")
    because = "with 1 zero on each side the 3 x 3 kernel begins at columns -1 and 1, its middle on 1 and 3."
    call(layer_of(of_one_channel(RIGHT), stride=2), x).returns([[[[2, 4]]]], because=because)


def test_of_tuples_the_first_number_counts():
    made, text = ran("layer = ndl.nn.Conv(1, 1, (3, 3), stride=(2, 2), bias=False)")
    layer = made["layer"]
    found = seen(f"{text}; layer.weight", layer.weight)
    found.has_shape((3, 3, 1, 1), because="kernel_size=(3, 3) is a kernel of 3 x 3.")
    layer = shown_as("layer", layer, setup=text)
    because = "the stride (2, 2) is 2, in both directions: 5 x 8 pixels become 3 x 4."
    call(layer, ndl.Tensor(np.ones((1, 1, 5, 8), "float32"))).has_shape((1, 1, 3, 4), because=because)


def test_a_new_layer_draws_its_weight_first_and_then_its_bias():
    made, text = ran("np.random.seed(0)", "layer = ndl.nn.Conv(6, 5, 2)")
    np.random.seed(0)
    draws = [2 * np.random.rand() - 1 for _ in range(4 * 6 * 5 + 5)]  # from -1 to 1
    because = "fan_in = 2 * 2 * 6 = 24 numbers go into each output: the draws 1 to 120 from -1 / 2 to 1 / 2, "
    because += "as sqrt(6 / 24) = 1 / 2, in the shape (2, 2, 6, 5)."
    weight = seen(f"{text}; layer.weight", made["layer"].weight)
    weight.returns(np.reshape([draw / 2 for draw in draws[:120]], (2, 2, 6, 5)), because=because)
    because = "the draws 121 to 125, from -b to b with b = 1 / sqrt(6 * 2 * 2)."
    bias = seen(f"{text}; layer.bias", made["layer"].bias)
    bias.returns([draw / math.sqrt(24) for draw in draws[120:]], because=because)


def test_weight_and_bias_are_the_layers_parameters_and_a_bias_can_be_left_out():
    made, text = ran("layer = ndl.nn.Conv(2, 3, 5)")
    layer = made["layer"]
    for name, shape in (("weight", (5, 5, 2, 3)), ("bias", (3,))):
        because = "an optimizer finds what it may change by its type, Parameter."
        found = seen(f"{text}; layer.{name}", getattr(layer, name)).has_shape(shape)
        found.has_type(ndl.nn.Parameter, because=because).has_dtype(np.float32)
    count = seen(f"{text}; len(layer.parameters())", len(layer.parameters()))
    count.returns(2, because="weight and bias are all that it learns.")
    made, text = ran("layer = ndl.nn.Conv(2, 3, 5, device=ndl.cpu_numpy())")
    for name in ("weight", "bias"):
        place = str(getattr(made["layer"], name).device)
        if place != str(ndl.cpu_numpy()):
            seen(f"{text}; layer.{name}.device", place).fail("it lies elsewhere", place, str(ndl.cpu_numpy()))
    made, text = ran("layer = ndl.nn.Conv(2, 3, 5, bias=False)")
    seen(f"{text}; layer.bias", made["layer"].bias).returns_nothing(because="there is no bias.")
    count = seen(f"{text}; len(layer.parameters())", len(made["layer"].parameters()))
    count.returns(1, because="weight is all that it learns.")


def test_a_way_leads_back_from_the_outcome_to_the_images_and_both_parameters():
    made, text = ran(
        "layer = ndl.nn.Conv(2, 3, 3)", "x = ndl.Tensor(np.ones((1, 2, 4, 4), 'float32'))", "y = layer(x)"
    )
    behind = [id(node) for node in reachable(made["y"])]
    layer = made["layer"]
    for name, node in (("x", made["x"]), ("layer.weight", layer.weight), ("layer.bias", layer.bias)):
        because = "ops keep the graph, through which the gradients will come; arrays cut it off."
        found = seen(f"{text}; is {name} behind y", id(node) in behind)
        found.returns(True, because=because)


def test_other_images_are_refused_by_the_layers_name():
    layer = layer_of([[[[1], [2], [3]]]])
    because = '`require_images("Conv", x, in_channels)` says what came and what was expected.'
    for shape in ((2, 4, 4, 3), (3, 4, 4)):
        x = ndl.Tensor(np.ones(shape, "float32"))
        raises(ValueError, layer, x, naming=("Conv", str(shape), "(N, 3, H, W)"), because=because)


@st.composite
def layers(draw):
    """Draw images, a weight, a bias and a stride."""
    examples, ins, outs = (draw(st.integers(1, 2)) for _ in range(3))
    size = draw(st.integers(1, 3))
    x = draw(arrays((examples, ins, draw(st.integers(2, 4)), draw(st.integers(2, 4))), -2, 2))
    weight = draw(arrays((size, size, ins, outs), -2, 2))
    return x, weight, draw(arrays((outs,), -2, 2)), draw(st.integers(1, 2))


def products(planes, weights, row, column):
    """Yield what one kernel's weights give with the pixels that they lie on, the corner at (row, column)."""
    for (i, j, channel), weight in np.ndenumerate(weights):
        if 0 <= row + i < len(planes[0]) and 0 <= column + j < len(planes[0][0]):
            yield float(planes[channel][row + i][column + j]) * float(weight)


@reproducible
@given(layers())
def test_any_layer_gives_what_its_formula_gives_number_by_number(drawn):
    x, weight, bias, stride = drawn
    size = len(weight)
    down, across = (range(-(size // 2), side + size // 2 - size + 1, stride) for side in x.shape[2:])
    expected = [
        [
            [[math.fsum([bias[o], *products(one, weight[..., o], r, c)]) for c in across] for r in down]
            for o in range(len(bias))
        ]
        for one in x.tolist()
    ]
    because = "each output is the sum of the products in all channels, and the bias."
    made = call(layer_of(weight, bias, stride), ndl.Tensor(x))
    made.returns(expected, because=because).has_dtype(np.float32).keeps()
