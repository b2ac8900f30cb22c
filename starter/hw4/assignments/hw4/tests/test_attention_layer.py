"""attention_layer: weights that make every step visible, then any layer, number by number, and its slopes."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, runner, seen, shown_as
from grader.expect.drawing import reproducible

ran = runner(np=np, ndl=ndl)

NAMES = [
    *(f"prenorm_{name}.{part}" for name in "qkv" for part in ("weight", "bias")),
    *(f"{name}_projection.weight" for name in ("q", "k", "v", "out")),
]
SIMILAR = "[1, 3] and [2, 4] are normalized to [-1, 1], [5, 1] to [1, -1]"
FEW = settings(reproducible, max_examples=25)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).round(6).tolist()}, dtype='float32')"


def layer_of(*sizes, weights, **options):
    """Return a layer with these weights by name, and the Python that makes it."""
    said = ", ".join([*map(str, sizes), *(f"{name}={value}" for name, value in options.items())])
    lines = [f"layer = ndl.nn.AttentionLayer({said})"]
    lines += [f"layer.{name}.data = {tensor(value)}" for name, value in weights.items()]
    made, text = ran(*lines)
    return shown_as("layer", made["layer"], setup=text)


def projections(q, k, v, out):
    return {
        f"{name}_projection.weight": value
        for name, value in zip(["q", "k", "v", "out"], (q, k, v, out), strict=True)
    }


def even(v, out):
    """Return the weights of a layer whose scores are all 0, so that it takes the mean of what it sees."""
    nothing = np.zeros(np.shape(v))
    return projections(nothing, nothing, v, out)


def normalized(row, weight, bias):
    """Return one place's features with mean 0 and variance 1, times the weight, plus the bias."""
    mean = math.fsum(row) / len(row)
    root = math.sqrt(math.fsum((one - mean) ** 2 for one in row) / len(row) + 1e-5)
    return [w * (one - mean) / root + b for one, w, b in zip(row, weight, bias, strict=True)]


def product(row, matrix):
    """Return a row times a matrix, sum by sum."""
    columns = zip(*matrix, strict=True)
    return [math.fsum(one * number for one, number in zip(row, column, strict=True)) for column in columns]


def mixture(query, keys, values):
    """Return what one query of one head gets from the places that it sees."""
    root = math.sqrt(len(query))
    scores = [math.fsum(a * b for a, b in zip(query, key, strict=True)) / root for key in keys]
    powers = [math.exp(one - max(scores)) for one in scores]
    columns = zip(*values, strict=True)
    total = math.fsum(powers)
    return [math.fsum(p * one for p, one in zip(powers, column, strict=True)) / total for column in columns]


def place_of(at, of, heads, causal):
    """Return the row that belongs to place `at`, before the last projection, of q's, k's and v's rows."""
    q, k, v = of
    last = at + 1 + len(k) - len(q) if causal else len(k)
    size = len(q[0]) // heads
    found = []
    for start in range(0, heads * size, size):
        keys, values = ([row[start : start + size] for row in rows[:last]] for rows in (k, v))
        found += mixture(q[at][start : start + size], keys, values)
    return found


def outcome(q, k, v, *weights, heads, causal):
    """Return a layer's outcome of nested lists (B, T, features), with weights in the order of NAMES."""
    made = []
    for each in zip(q, k, v, strict=True):
        rows = [
            [product(normalized(row, weights[2 * at], weights[2 * at + 1]), weights[6 + at]) for row in rows]
            for at, rows in enumerate(each)
        ]
        made.append([product(place_of(at, rows, heads, causal), weights[9]) for at in range(len(each[0]))])
    return made


@st.composite
def layers(draw):
    """Draw a layer's sizes and options, and the lengths of q's sequence and of k's and v's."""
    q, k, v, out = (draw(st.integers(3, 4)) for _ in range(4))
    sizes = q, draw(st.integers(1, 2)), draw(st.integers(1, 2))
    options = {"k_features": k, "v_features": v, "out_features": out, "causal": draw(st.booleans())}
    places = draw(st.integers(1, 3))
    return sizes, options, draw(st.integers(1, places)), places


def spread(rng, batch, places, features):
    """Return numbers of which no two of a place are nearly the same, so that its variance is not small."""
    apart = rng.permuted(np.broadcast_to(2.0 * np.arange(features), (batch, places, features)), axis=-1)
    return (apart + rng.uniform(-0.8, 0.8, size=apart.shape)).round(2).astype(np.float32)


def weights_for(rng, sizes, options):
    """Return weights of a layer in the order of NAMES."""
    q, heads, size = sizes
    k, v, out = (options.get(f"{name}_features", q) for name in ("k", "v", "out"))
    inner = heads * size
    shapes = [(q,), (q,), (k,), (k,), (v,), (v,), (q, inner), (k, inner), (v, inner), (inner, out)]
    return [rng.normal(size=shape).round(2).astype(np.float32) for shape in shapes]


def test_places_with_equal_scores_get_the_mean_of_the_normalized_values():
    identity = [[1, 0], [0, 1]]
    layer = layer_of(2, 1, 2, causal=False, weights=even(identity, identity))
    x = ndl.Tensor([[[1, 3], [2, 4], [5, 1]]], dtype="float32")
    because = f"{SIMILAR}: the mean of the three is [-1/3, 1/3], at every place."
    call(layer, x).returns([[[-1 / 3, 1 / 3]] * 3], because=because).has_dtype(np.float32).keeps()


def test_by_default_no_place_sees_a_later_one():
    layer = layer_of(2, 1, 2, weights=even([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    x = ndl.Tensor([[[1, 3], [5, 1], [2, 4]]], dtype="float32")
    because = f"{SIMILAR}. The first place sees one, the second two, and the third all three."
    call(layer, x).returns([[[-1, 1], [0, 0], [-1 / 3, 1 / 3]]], because=because)


def test_the_last_projection_makes_the_outcome_of_the_heads_results():
    layer = layer_of(2, 1, 1, out_features=3, causal=False, weights=even([[1], [3]], [[1, 10, -1]]))
    x = ndl.Tensor([[[1, 3], [2, 4]]], dtype="float32")
    because = (
        f"{SIMILAR}; the values are -1 * 1 + 1 * 3 = 2, and the last projection makes 2, 20 and -2 of 2."
    )
    call(layer, x).returns([[[2, 20, -2]] * 2], because=because)


def test_each_head_looks_with_its_own_features_and_the_results_stand_side_by_side():
    weights = projections([[0, 0], [9, 9]], [[9, 0], [0, 9]], [[10, 0], [0, 1]], [[1, 0], [0, 1]])
    layer = layer_of(2, 2, 1, causal=False, weights=weights)
    q = ndl.Tensor([[[1, 3], [2, 4], [3, 5]]], dtype="float32")
    k = ndl.Tensor([[[1, 3], [5, 1]]], dtype="float32")
    because = (
        "both heads ask 9. Head 1's keys are -9 and 9, so that it finds the second place, where its value "
    )
    because += "is 10; head 2's keys are 9 and -9: it finds the first place, where its value is 1."
    call(layer, q, k).returns([[[10, 1]] * 3], because=because)


def test_every_example_is_read_by_itself():
    layer = layer_of(2, 1, 2, causal=False, weights=even([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    x = ndl.Tensor([[[1, 3], [2, 4]], [[5, 1], [5, 1]], [[1, 3], [5, 1]]], dtype="float32")
    because = f"{SIMILAR}: the means of the examples are [-1, 1], [1, -1] and [0, 0]."
    expected = [[[-1, 1]] * 2, [[1, -1]] * 2, [[0, 0]] * 2]
    call(layer, x).returns(expected, because=because)


def test_keys_find_the_place_and_values_say_what_is_there():
    weights = projections([[0], [9]], [[0], [9]], [[0], [1]], [[1, 0]])
    layer = layer_of(2, 1, 1, causal=False, weights=weights)
    q = ndl.Tensor([[[1, 3]]], dtype="float32")
    k = ndl.Tensor([[[1, 3], [5, 1]]], dtype="float32")
    v = ndl.Tensor([[[7, 2], [3, 8]]], dtype="float32")
    because = "the query is 9, the keys are 9 and -9: it finds the first place. The value there is that of "
    because += "[7, 2], normalized to [1, -1]: -1. (With k in the place of v it were 1.)"
    call(layer, q, k, v).returns([[[-1, 0]]], because=because).keeps()


def test_without_values_the_keys_sequence_gives_them():
    layer = layer_of(2, 1, 2, causal=False, weights=even([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    q, k = ndl.Tensor([[[1, 3]]], dtype="float32"), ndl.Tensor([[[5, 1], [5, 1]]], dtype="float32")
    because = f"{SIMILAR}: v is k where it is not given."
    call(layer, q, k).returns([[[1, -1]]], because=because)


def test_queries_keys_and_values_are_each_normalized_first():
    weights = projections([[0], [1]], [[0], [1]], [[0], [1]], [[1, 0]])
    q, k, v = ([[[1, 3]]], [[[1, 3], [5, 1]]], [[[2, 4], [9, 3]]])
    expected = 1 - 2 / (1 + math.exp(2))
    because = "the query is 1, the keys 1 and -1, the values 1 and -1: (e - 1/e) / (e + 1/e) = 0.7616."
    layer = layer_of(2, 1, 1, causal=False, weights=weights)
    call(layer, *map(ndl.Tensor, map(np.float32, (q, k, v)))).returns([[[expected, 0]]], because=because)
    because = "who is a hundred times larger is the same when normalized."
    for at in range(3):
        sized = [np.float32(one) * (100 if at == which else 1) for which, one in enumerate((q, k, v))]
        call(layer, *map(ndl.Tensor, sized)).returns([[[expected, 0]]], because=because)


@FEW
@given(layers(), st.integers(0, 3))
def test_any_three_sequences_come_out_as_worked_number_by_number(drawn, seed):
    sizes, options, queries, places = drawn
    rng = np.random.default_rng(seed)
    inputs = [spread(rng, 2, queries, sizes[0])]
    inputs += [spread(rng, 2, places, options[f"{name}_features"]) for name in "kv"]
    weights = weights_for(rng, sizes, options)
    made = layer_of(*sizes, **options, weights=dict(zip(NAMES, weights, strict=True)))
    listed = [one.tolist() for one in (*inputs, *weights)]
    expected = outcome(*listed, heads=sizes[1], causal=options["causal"])
    because = "norms, projections, the attention of each head, and the projection of what the heads found."
    done = call(made, *map(ndl.Tensor, inputs))
    done.returns(expected, because=because).has_dtype(np.float32).keeps()


@FEW
@given(st.integers(1, 2), st.integers(1, 2), st.integers(2, 3), st.booleans())
def test_the_gradients_of_x_and_all_weights_are_the_measured_slopes(heads, size, places, causal):
    rng = np.random.default_rng(0)
    sizes, options = (3, heads, size), {"causal": causal}
    x, out_grad = spread(rng, 1, places, 3), rng.normal(size=(1, places, 3)).round(2).astype(np.float32)
    weights = weights_for(rng, sizes, options)
    made = layer_of(*sizes, **options, weights=dict(zip(NAMES, weights, strict=True)))
    x_tensor = ndl.Tensor(x)
    made.function(x_tensor).backward(ndl.Tensor(out_grad))
    text = f"{made.setup}; x = {tensor(x)}; layer(x).backward({tensor(out_grad)})"

    def outcome_of(x, *weights):
        return outcome(x, x, x, *weights, heads=heads, causal=causal)

    slopes = central_differences(outcome_of, x, *weights, out_grad=out_grad)
    because = "x is read three times: as queries, as keys and as values."
    found = [("x", x_tensor), *((f"layer.{name}", part(made.function, name)) for name in NAMES)]
    for (name, one), slope in zip(found, slopes, strict=True):
        if name == "layer.prenorm_k.bias":
            continue  # it moves all scores of a query alike, which a softmax can't see: 0, but for rounding
        grad = seen(f"{text}; {name}.grad", one.grad)
        grad.returns(slope.round(7) + 0.0, rtol=1e-3, because=because).has_dtype(np.float32)


def part(layer, name):
    """Return a parameter by its name in the layer."""
    module, parameter = name.split(".")
    return getattr(getattr(layer, module), parameter)
