"""transformer_layer: one half at a time, then any layer with its draws, number by number, and its slopes."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, runner, seen, shown_as
from grader.expect.drawing import reproducible

ran = runner(np=np, ndl=ndl)

FEW = settings(reproducible, max_examples=25)
SIMILAR = "[1, 3] and [2, 4] are normalized to [-1, 1], [5, 1] to [1, -1]"


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).round(6).tolist()}, dtype='float32')"


def layer_of(*sizes, weights, seed=None, **options):
    """Return a layer with these weights by name, to be called, and the Python that makes it."""
    said = ", ".join([*map(str, sizes), *(f"{name}={value}" for name, value in options.items())])
    lines = [f"layer = ndl.nn.TransformerLayer({said})"]
    lines += [f"layer.{name}.data = {tensor(value)}" for name, value in weights.items()]
    lines += [] if seed is None else [f"np.random.seed({seed})"]
    made, text = ran(*lines)
    return shown_as("layer", made["layer"], setup=text)


def attending(v=None, out=None):
    """Return weights with which the attention takes the mean of what it sees; without any it finds zeros."""
    v, out = np.zeros((2, 1)) if v is None else v, np.zeros((1, 2)) if out is None else out
    nothing = np.zeros(np.shape(v))
    names = (f"attention.{name}_projection.weight" for name in ("q", "k", "v", "out"))
    return dict(zip(names, (nothing, nothing, v, out), strict=True))


def working(weight1, bias1, weight2, bias2):
    """Return weights of the second half."""
    names = (f"linear{at}.{part}" for at in (1, 2) for part in ("weight", "bias"))
    return dict(zip(names, (weight1, [bias1], weight2, [bias2]), strict=True))


SILENT = working([[0], [0]], [0], [[0, 0]], [0, 0])


def normalized(row):
    mean = math.fsum(row) / len(row)
    root = math.sqrt(math.fsum((one - mean) ** 2 for one in row) / len(row) + 1e-5)
    return [(one - mean) / root for one in row]


def product(row, matrix):
    columns = zip(*matrix, strict=True)
    return [math.fsum(one * number for one, number in zip(row, column, strict=True)) for column in columns]


def dropped(numbers, p):
    """Return numbers of which each is kept or not by a draw of its own."""
    return [one / (1 - p) if np.random.rand() <= 1 - p else 0.0 for one in numbers]


def outcome(rows, v, out, weight1, bias1, weight2, bias2, p=0.0, causal=True):
    """Return what becomes of one example with one head whose scores are all 0, number by number."""
    seen_by = [at + 1 if causal else len(rows) for at in range(len(rows))]
    weights = [[(at < last) / last for at in range(len(rows))] for last in seen_by]
    weights = [dropped(each, p) for each in weights]
    values = [product(normalized(row), v) for row in rows]
    found = [dropped(product(product(each, values), out), p) for each in weights]
    x = [[*map(sum, zip(*both, strict=True))] for both in zip(rows, found, strict=True)]
    hidden = [
        [max(one + b, 0.0) for one, b in zip(product(normalized(row), weight1), bias1[0], strict=True)]
        for row in x
    ]
    hidden = [dropped(each, p) for each in hidden]
    added = [[one + b for one, b in zip(product(row, weight2), bias2[0], strict=True)] for row in hidden]
    added = [dropped(each, p) for each in added]
    return [[*map(sum, zip(*both, strict=True))] for both in zip(x, added, strict=True)]


def numbers_for(rng, places, features, hidden):
    """Return x, and v, out, weight1, bias1, weight2, bias2 of a layer with one head of two features."""
    apart = rng.permuted(np.broadcast_to(2.0 * np.arange(features), (places, features)), axis=-1)
    shapes = (features, 2), (2, features), (features, hidden), (1, hidden), (hidden, features), (1, features)
    drawn = [apart + rng.uniform(-0.8, 0.8, size=apart.shape), *(rng.normal(size=shape) for shape in shapes)]
    return [one.round(2) for one in drawn]


def named(v, out, weight1, bias1, weight2, bias2):
    return attending(v, out) | working(weight1, bias1[0], weight2, bias2[0])


def test_what_attention_finds_is_added_to_x():
    layer = layer_of(2, 1, 1, 1, weights=attending([[0], [1]], [[10, 100]]) | SILENT)
    x = ndl.Tensor([[[1, 3], [5, 1], [2, 4]]], dtype="float32")
    because = (
        f"{SIMILAR}. The values are 1, -1, 1, and the places see one, two and three of them: 1, 0, 1/3. "
    )
    because += "The first row is [1, 3] + [10, 100]."
    expected = [[[11, 103], [5, 1], [2 + 10 / 3, 4 + 100 / 3]]]
    call(layer, x).returns(expected, because=because).has_dtype(np.float32).keeps()


def test_without_a_mask_every_place_sees_all():
    layer = layer_of(2, 1, 1, 1, causal=False, weights=attending([[0], [1]], [[10, 100]]) | SILENT)
    x = ndl.Tensor([[[1, 3], [5, 1]]], dtype="float32")
    because = f"{SIMILAR}. With causal=False each place finds the mean of 1 and -1, which is 0."
    call(layer, x).returns([[[1, 3], [5, 1]]], because=because)


def test_what_two_linear_layers_make_of_the_normalized_x_is_added():
    work = working([[1, 0], [0, 1]], [0.5, -3], [[10, 100], [7, 7]], [1, 2])
    layer = layer_of(2, 1, 1, 2, weights=attending() | work)
    x = ndl.Tensor([[[5, 1], [1, 3]]], dtype="float32")
    because = (
        f"{SIMILAR}. With the bias [0.5, -3] and relu: [1.5, 0] and [0, 0]; linear2 makes [16, 152] and "
    )
    because += "[1, 2] of them, which x is added to."
    call(layer, x).returns([[[21, 153], [2, 5]]], because=because)


def test_the_second_half_works_on_what_the_first_one_made():
    weights = attending([[0], [1]], [[5, 1]]) | working([[0], [1]], [0], [[10, 100]], [0, 0])
    layer = layer_of(2, 1, 1, 1, weights=weights)
    because = "attention: [1, 3] + [5, 1] = [6, 4], normalized to [1, -1], of which relu leaves nothing. "
    because += "(The x from before, normalized to [-1, 1], would bring [10, 100].)"
    call(layer, ndl.Tensor([[[1, 3]]], dtype="float32")).returns([[[6, 4]]], because=because)


def test_dropout_falls_on_the_weights_on_each_half_and_after_relu():
    weights = attending([[0], [1]], [[1, 1]]) | working([[1, 0], [0, 1]], [0, 0], [[1, 2], [0, 0]], [0, 0])
    layer = layer_of(2, 1, 1, 2, weights=weights, dropout=0.5, seed=290)
    because = (
        "NumPy draws 0.27 for the weight of attention, which is kept and doubled: 2 * [1, 1]. Of this 0.26 "
    )
    because += (
        "keeps the first number and 0.74 drops the second: x is [1, 3] + [4, 0], normalized to [1, -1]. relu "
    )
    because += (
        "leaves [1, 0], doubled by 0.03 and 0.33; linear2 makes [2, 4], of which 0.08 and 0.97 leave [4, 0]."
    )
    made = call(layer, ndl.Tensor([[[1, 3]]], dtype="float32"))
    made.returns([[[9, 3]]], because=because)
    after = made.then("np.random.rand()", np.random.rand())
    after.returns(0.5839266, because="1 + 2 + 2 + 2 numbers were dropped or kept: this is the eighth draw.")


def test_its_parts_have_their_names_and_are_drawn_in_order():
    made, text = ran("np.random.seed(0)", "layer = ndl.nn.TransformerLayer(4, 2, 3, 5)")
    layer = made["layer"]
    np.random.seed(0)
    draws = [2 * np.random.rand() - 1 for _ in range(4 * 24 + 20 + 5 + 20 + 4)]  # from -1 to 1
    expected = {
        "layer.linear1.weight": (draws[96:116], (4, 5), 4),
        "layer.linear1.bias": (draws[116:121], (1, 5), 5),
        "layer.linear2.weight": (draws[121:141], (5, 4), 5),
        "layer.linear2.bias": (draws[141:145], (1, 4), 4),
    }
    because = (
        "first the attention layer's 4 projections of 24 numbers each are drawn, then linear1 and linear2."
    )
    for name, (share, shape, fan_in) in expected.items():
        scaled = np.reshape([one * math.sqrt(6 / fan_in) for one in share], shape)
        found = getattr(getattr(layer, name.split(".")[1]), name.split(".")[2])
        seen(f"{text}; {name}", found).returns(scaled, because=because)
    because = "the first half is an AttentionLayer, with a norm of its own; norm is the second half's."
    seen(f"{text}; layer.attention", layer.attention).has_type(ndl.nn.AttentionLayer, because=because)
    seen(f"{text}; layer.norm", layer.norm).has_type(ndl.nn.LayerNorm1d, because=because)
    count = seen(f"{text}; len(layer.parameters())", len(layer.parameters()))
    count.returns(16, because="3 norms and 4 projections, then 1 norm and 2 linear layers: 6 + 4 + 2 + 4.")


def test_heads_dropout_and_mask_reach_the_attention_inside():
    made, text = ran("layer = ndl.nn.TransformerLayer(4, 2, 3, 5, dropout=0.25, causal=False)")
    inside = made["layer"].attention.attention
    found = seen(f"{text}; layer.attention.attention.dropout.p", inside.dropout.p)
    found.returns(0.25, because="the attention layer drops its weights with the same probability.")
    found = seen(f"{text}; layer.attention.attention.causal", inside.causal)
    found.returns(False, because="the attention layer masks or does not, as the layer is told.")
    for name, expected in (("num_head", 2), ("dim_head", 3)):
        found = seen(f"{text}; layer.attention.{name}", getattr(made["layer"].attention, name))
        found.returns(expected, because="TransformerLayer(q_features, num_head, dim_head, hidden_size).")


@FEW
@given(st.integers(1, 3), st.integers(3, 4), st.integers(1, 3), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_any_layer_comes_out_as_worked_number_by_number(places, features, hidden, causal, p):
    x, *weights = numbers_for(np.random.default_rng(places), places, features, hidden)
    options = {"causal": causal, "dropout": p}
    layer = layer_of(features, 1, 2, hidden, weights=named(*weights), seed=places, **options)
    made = call(layer, ndl.Tensor(x[None], dtype="float32"))
    np.random.seed(places)
    expected = outcome(x.tolist(), *(one.tolist() for one in weights), p, causal)
    because = (
        "x + attention, then what the two linear layers add; each number is dropped by a draw of its own."
    )
    made.returns([expected], because=because).has_dtype(np.float32)


@FEW
@given(st.integers(2, 3), st.integers(1, 3), st.booleans())
def test_the_gradients_of_x_and_the_weights_are_the_measured_slopes(places, hidden, causal):
    rng = np.random.default_rng(hidden)
    x, *weights = numbers_for(rng, places, 3, hidden)
    out_grad = rng.normal(size=(places, 3)).round(2)
    values = named(*weights)
    layer = layer_of(3, 1, 2, hidden, weights=values, causal=causal)
    x_tensor = ndl.Tensor(x[None], dtype="float32")
    layer.function(x_tensor).backward(ndl.Tensor(out_grad[None], dtype="float32"))
    text = f"{layer.setup}; x = {tensor(x[None])}; layer(x).backward({tensor(out_grad[None])})"
    slopes = central_differences(
        lambda *numbers: outcome(*numbers, causal=causal), x, *weights, out_grad=out_grad
    )
    slopes[0] = slopes[0][None]
    learned = [name for name in values if "q_proj" not in name and "k_proj" not in name]
    found = [("x", x_tensor), *((f"layer.{name}", part(layer.function, name)) for name in learned)]
    because = "x goes on by itself, around both halves, and through each of them."
    for (name, one), slope in zip(found, slopes, strict=True):
        grad = seen(f"{text}; {name}.grad", one.grad)
        grad.returns(slope.round(7) + 0.0, rtol=1e-3, because=because).has_dtype(np.float32)


def part(layer, name):
    """Return a parameter by its name in the layer."""
    for one in name.split("."):
        layer = getattr(layer, one)
    return layer
