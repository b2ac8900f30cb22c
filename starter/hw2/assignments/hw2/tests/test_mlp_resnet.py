"""mlp_resnet: networks of fixed weights worked by hand, a stand-in for norm, and parameters counted."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mlp_resnet import MLPResNet

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import arrays, reproducible


def network_of(*sizes, **settings):
    """Return a network whose norms change nothing and which drops nothing, and its text."""
    norm, text = lambda dim: ndl.nn.Identity(), "lambda dim: ndl.nn.Identity()"
    said = ", ".join([*map(str, sizes), *(f"{key}={value}" for key, value in settings.items())])
    text = f"network = MLPResNet({said}, norm={text}, drop_prob=0)"
    return MLPResNet(*sizes, **settings, norm=norm, drop_prob=0), text


def set_by_shape(network, text, *values):
    """Set parameters to the values of their shape, other biases to 0; return the network, to be called."""
    values = {np.shape(value): np.asarray(value, dtype=np.float64).tolist() for value in values}
    for param in network.parameters():
        if param.shape not in values and param.shape[0] > 1:
            found = seen(f"{text}; [p.shape for p in network.parameters()]", param)
            because = "biases apart, only the weights of linear layers are there: these norms have none."
            found.fail("a parameter has a wrong shape", f"{param.shape}", f"one of {sorted(values)}", because)
        param.data = ndl.Tensor(values.get(param.shape, np.zeros(param.shape)), dtype="float32")
    new = 'ndl.Tensor(values.get(p.shape, np.zeros(p.shape)), dtype="float32")'
    setup = f'{text}; values = {values}; [setattr(p, "data", {new}) for p in network.parameters()]'
    return shown_as("network", network, setup=setup)


def counted(text, network, expected, because):
    """Expect parameters of these shapes, in whatever order."""
    shapes = sorted(param.shape for param in network.parameters())
    if shapes != sorted(expected):
        found = seen(f"{text}; sorted(p.shape for p in network.parameters())", shapes)
        found.fail("the shapes of the parameters are wrong", f"{shapes}", f"{sorted(expected)}", because)


def of_linear(*sizes):
    """Return the shapes of a weight and a bias between each two sizes."""
    return [shape for one, other in pairwise(sizes) for shape in ((one, other), (1, other))]


def test_without_blocks_it_is_two_layers_with_a_relu_between_them():
    network = set_by_shape(
        *network_of(2, 3, num_blocks=0, num_classes=2),
        [[1, 0, -1], [0, 1, 1]],
        [[0, 0, 5]],
        [[1, 0], [5, 5], [0, 1]],
        [[-2, -3]],
    )
    because = (
        "layer 1: [1, -2, -3] + [0, 0, 5] = [1, -2, 2]; relu: [1, 0, 2]; the last layer: [1, 2] + [-2, -3]. "
    )
    because += "Logits may lie below 0: no relu behind them."
    x = ndl.Tensor([[1, -2]], dtype="float32")
    call(network, x).returns([[-1, -1]], because=because).has_dtype(np.float32).keeps("x")


def test_a_block_stands_between_the_first_layer_and_the_last():
    network = set_by_shape(
        *network_of(3, 4, num_blocks=1, num_classes=3),
        [[1, 2, -1, 3], [9, 9, 9, 9], [9, 9, 9, 9]],
        [[1, 0], [0, 1], [0, 0], [1, -1]],
        [[1, 0, 0, -1], [0, 7, 0, 0]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]],
    )
    because = "first layer and relu: [1, 2, 0, 3]; in the block relu of [4, -1] is [4, 0], and adds "
    because += (
        "[4, 0, 0, -4]; relu of [5, 2, 0, -1] is [5, 2, 0, 0], which the last layer takes to [5, 2, 0]."
    )
    call(network, ndl.Tensor([[1, 0, 0]], dtype="float32")).returns([[5, 2, 0]], because=because)


def test_each_block_is_half_as_wide_inside_and_has_parameters_of_its_own():
    network, text = network_of(7, 5, num_blocks=3, num_classes=4)
    expected = [*of_linear(7, 5), *of_linear(5, 2, 5) * 3, *of_linear(5, 4)]
    because = (
        "inside, a block has hidden_dim // 2 units: 5 // 2 = 2. Three blocks are three times the parameters: "
    )
    because += "one block used three times would have them once."
    counted(text, network, expected, because)


def test_norm_and_drop_prob_reach_every_block():
    sizes = []
    network = MLPResNet(3, 6, 2, 4, norm=lambda dim: sizes.append(dim) or ndl.nn.Identity(), drop_prob=0.25)
    text = "network = MLPResNet(3, 6, 2, 4, norm=Noting, drop_prob=0.25)"
    because = "each of 2 blocks makes a norm(3) inside and a norm(6) behind."
    seen(f"{text}; sizes of Noting, as made", sizes).returns([3, 6, 3, 6], because=because)
    dropped = [module.p for module in network._children() if isinstance(module, ndl.nn.Dropout)]
    because = "each of 2 blocks has a Dropout."
    seen(f"{text}; the p of its Dropouts", dropped).returns([0.25, 0.25], because=because)


def test_by_default_it_has_3_blocks_of_100_features_with_batch_norm_and_10_classes():
    network = MLPResNet(20)
    block = [*of_linear(100, 50, 100), (50,), (50,), (100,), (100,)]
    expected = [*of_linear(20, 100), *block * 3, *of_linear(100, 10)]
    because = "a block of 100 features has 50 inside, and two batch norms with a weight and a bias each."
    counted("network = MLPResNet(20)", network, expected, because)
    dropped = [module.p for module in network._children() if isinstance(module, ndl.nn.Dropout)]
    seen("the p of the Dropouts of MLPResNet(20)", dropped).returns([0.1] * 3)


def test_weights_are_drawn_in_the_order_in_which_the_layers_are_called():
    np.random.seed(3)
    network, text = network_of(3, 4, num_blocks=2, num_classes=5)
    np.random.seed(3)
    drawn = [ndl.nn.Linear(*shape) for shape in ((3, 4), *((4, 2), (2, 4)) * 2, (4, 5))]
    because = (
        "the first layer is made first, then block by block, and the last layer last: so all draw the same."
    )
    for shape in ((3, 4), (4, 2), (2, 4), (4, 5)):
        found = sorted(
            param.numpy().ravel().tolist() for param in network.parameters() if param.shape == shape
        )
        expected = sorted(one.weight.numpy().ravel().tolist() for one in drawn if one.weight.shape == shape)
        what = seen(f"np.random.seed(3); {text}; the weights of shape {shape}, in order of size", found)
        what.returns(expected, because=because)


@st.composite
def networks(draw):
    """Draw a batch x, a number of blocks, and the weights: first, into and out of each block, last."""
    hidden, blocks, examples = draw(st.integers(4, 7)), draw(st.integers(0, 2)), draw(st.integers(1, 2))
    dim, classes = hidden + draw(st.integers(1, 2)), hidden + draw(st.integers(3, 4))
    shapes = (examples, dim), (dim, hidden), (hidden, hidden // 2), (hidden // 2, hidden), (hidden, classes)
    return blocks, *(draw(arrays(shape, -1, 1)) for shape in shapes)


def times(row, weights):
    """Return the sums of a row's products with each column."""
    columns = zip(*weights, strict=True)
    return [math.fsum(float(a) * float(b) for a, b in zip(row, column, strict=True)) for column in columns]


def above_zero(row):
    return [max(number, 0.0) for number in row]


@reproducible
@given(networks())
def test_any_network_gives_what_its_layers_give_number_by_number(drawn):
    blocks, x, first, inside, outside, last = drawn
    made = network_of(*first.shape, num_blocks=blocks, num_classes=last.shape[1])
    network = set_by_shape(*made, first, last, *[inside, outside] * (blocks > 0))
    rows = [above_zero(times(row, first)) for row in x]
    for _ in range(blocks):
        added = [times(above_zero(times(row, inside)), outside) for row in rows]
        rows = [above_zero(map(sum, zip(*both, strict=True))) for both in zip(rows, added, strict=True)]
    because = (
        f"a layer and a relu, {blocks} blocks, which all have the same weights here, and the last layer."
    )
    call(network, ndl.Tensor(x)).returns([times(row, last) for row in rows], because=because)
