"""residual_block: a block of fixed weights worked by hand, stand-ins for norm, and blocks by scalar loops."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mlp_resnet import ResidualBlock

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import arrays, reproducible


class Noting(ndl.nn.Module):
    """A stand-in for a norm, which notes of what size it was made, and what it was given."""

    def __init__(self, notes, dim):
        super().__init__()
        self.note = lambda *event: notes.append((*event, dim))
        self.note("made", None)

    def forward(self, x):
        self.note("given", x.numpy().copy())
        return x


def block_of(dim, hidden_dim, drop_prob=0):
    """Return a block whose norms change nothing, and its text."""
    norm, text = lambda dim: ndl.nn.Identity(), "lambda dim: ndl.nn.Identity()"
    text = f"block = ResidualBlock({dim}, {hidden_dim}, norm={text}, drop_prob={drop_prob})"
    return ResidualBlock(dim, hidden_dim, norm=norm, drop_prob=drop_prob), text


def set_by_shape(block, text, *values):
    """Set each parameter to the values that have its shape, and return the block, to be called."""
    values = {np.shape(value): np.asarray(value, dtype=np.float64).tolist() for value in values}
    shapes = sorted(param.shape for param in block.parameters())
    if shapes != sorted(values):
        because = "two linear layers have a weight and a bias each, and these norms have none."
        found = seen(f"{text}; sorted(p.shape for p in block.parameters())", shapes)
        found.fail("the shapes of the parameters are wrong", f"{shapes}", f"{sorted(values)}", because)
    for param in block.parameters():
        param.data = ndl.Tensor(values[param.shape], dtype="float32")
    setting = 'setattr(p, "data", ndl.Tensor(values[p.shape], dtype="float32"))'
    setup = f"{text}; values = {values}; [{setting} for p in block.parameters()]"
    return shown_as("block", block, setup=setup)


# from 2 features to 3 and back: a weight and a bias, each of a shape of its own
BY_HAND = [[1, 0, -1], [0, 1, 1]], [[0, 0, 5]], [[1, 0], [5, 5], [0, 1]], [[0, -3]]


def test_a_block_adds_to_x_what_two_layers_make_of_it_and_ends_with_a_relu():
    because = "layer 1: [1, -2, -3] + [0, 0, 5] = [1, -2, 2]; relu: [1, 0, 2]; layer 2: [1, 2] + [0, -3]; "
    because += "plus x: [2, -3]; relu: [2, 0]."
    x = ndl.Tensor([[1, -2]], dtype="float32")
    block = set_by_shape(*block_of(2, 3), *BY_HAND)
    call(block, x).returns([[2, 0]], because=because).has_dtype(np.float32).keeps("x")


def test_norm_follows_each_linear_layer_with_its_own_size():
    notes = []
    text = "block = ResidualBlock(2, 3, norm=Noting, drop_prob=0)"
    block = ResidualBlock(2, 3, norm=lambda dim: Noting(notes, dim), drop_prob=0)
    because = "one norm(hidden_dim) and one norm(dim), made in this order."
    seen(f"{text}; sizes of Noting, as made", [dim for *_, dim in notes]).returns([3, 2], because=because)
    notes.clear()
    called = call(set_by_shape(block, text, *BY_HAND), ndl.Tensor([[1, -2]], dtype="float32"))
    called.then("sizes of Noting, as called", [dim for *_, dim in notes]).returns([3, 2], because=because)
    because = "the first norm stands before the relu: layer 1 returned [1, -2, -3] + its bias [0, 0, 5]."
    called.then("what the first norm was given", notes[0][1]).returns([[1, -2, 2]], because=because)
    because = "the second norm stands before x is added: layer 2 returned [1, 2] + its bias [0, -3]."
    called.then("what the second norm was given", notes[1][1]).returns([[1, -1]], because=because)


def test_by_default_the_norms_are_batch_norms_and_a_tenth_is_dropped():
    block = ResidualBlock(2, 3)
    shapes = sorted(param.shape for param in block.parameters())
    expected = sorted([(2, 3), (1, 3), (3,), (3,), (3, 2), (1, 2), (2,), (2,)])
    if shapes != expected:
        because = "two linear layers and two batch norms, each with a weight and a bias."
        found = seen("sorted(p.shape for p in ResidualBlock(2, 3).parameters())", shapes)
        found.fail("the shapes of the parameters are wrong", f"{shapes}", f"{expected}", because)
    kinds = [type(module).__name__ for module in block._children()]
    text = "[type(m).__name__ for m in ResidualBlock(2, 3)._children()]"
    counts = {name: kinds.count(name) for name in ("Linear", "BatchNorm1d", "ReLU", "Dropout", "Residual")}
    expected = {"Linear": 2, "BatchNorm1d": 2, "ReLU": 2, "Dropout": 1, "Residual": 1}
    if counts != expected:
        seen(text, kinds).fail("the modules are wrong", f"{kinds}", f"{expected}, in Sequentials")
    dropped = [module.p for module in block._children() if isinstance(module, ndl.nn.Dropout)]
    seen("the p of its Dropout", dropped).returns([0.1], because="drop_prob is 0.1 by default.")


def test_dropout_stands_between_the_relu_and_the_second_layer_in_training_only():
    layers = [[0, 0, 0], [0, 0, 0]], [[1, 1, 1]], [[6, 0], [0, 6], [1, 1]], [[2, 2]]
    block = set_by_shape(*block_of(2, 3, 0.4), *layers)
    x = ndl.Tensor([[0, 0], [0, 0]], dtype="float32")
    np.random.seed(0)
    because = "hidden units are 1; seed 0 draws 0.55 0.72 0.60 and 0.54 0.42 0.65, of which those below 0.6 "
    because += "are kept, 1 / 0.6 each: [10, 0] and [10, 10]. The bias 2 comes later: it is never dropped."
    seeded = shown_as("block", block.function, setup=f"{block.setup}; np.random.seed(0)")
    call(seeded, x).returns([[12, 2], [12, 12]], because=because)
    block.function.eval()
    because = "after eval() nothing is dropped, and nothing scaled: [6 + 1, 6 + 1] + 2."
    used = shown_as("block", block.function, setup=f"{block.setup}; block.eval()")
    call(used, x).returns([[9, 9], [9, 9]], because=because)


def test_weights_are_drawn_in_the_order_in_which_the_layers_are_called():
    np.random.seed(3)
    block, text = block_of(2, 3)
    np.random.seed(3)
    weights = {shape: ndl.nn.Linear(*shape).weight for shape in ((2, 3), (3, 2))}
    because = "the layer from dim to hidden_dim is made first, the one back second: so all draw the same."
    for param in block.parameters():
        if param.shape in weights:
            found = seen(f"np.random.seed(3); {text}; the weight of shape {param.shape}", param)
            found.returns(weights[param.shape], because=because)


@st.composite
def blocks(draw):
    """Draw a batch x, both weights and both biases; dim and hidden_dim differ."""
    dim, hidden_dim = draw(st.permutations([2, 3, 4]))[:2]
    shapes = (draw(st.integers(1, 3)), dim), (dim, hidden_dim), (1, hidden_dim), (hidden_dim, dim), (1, dim)
    return [draw(arrays(shape, -2, 2)) for shape in shapes]


def outcome(row, column, first, second):
    """Return one number of a block's outcome: a layer is its rows of weights, then the row of its bias."""
    hidden = []
    for unit in range(len(first[0])):
        total = math.fsum(x * weights[unit] for x, weights in zip([*row, 1], first, strict=True))
        hidden.append(max(total, 0.0))
    total = math.fsum(h * weights[column] for h, weights in zip([*hidden, 1], second, strict=True))
    return max(row[column] + total, 0.0)


@reproducible
@given(blocks())
def test_any_block_gives_what_its_formula_gives_number_by_number(drawn):
    x, weight_1, bias_1, weight_2, bias_2 = drawn
    layers = [[*weight_1.tolist(), bias_1.tolist()[0]], [*weight_2.tolist(), bias_2.tolist()[0]]]
    block = set_by_shape(*block_of(*weight_1.shape), weight_1, bias_1, weight_2, bias_2)
    expected = [[outcome(row, column, *layers) for column in range(len(row))] for row in x.tolist()]
    because = "relu(x + layer_2(relu(layer_1(x)))), where norm changes nothing and nothing is dropped."
    call(block, ndl.Tensor(x)).returns(expected, because=because)
