"""transformer: positions and layers one by one, what may see what, and what is refused."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises, runner, seen, shown_as
from grader.expect.drawing import reproducible

ran = runner(np=np, ndl=ndl)

FEW = settings(reproducible, max_examples=25)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).round(6).tolist()}, dtype='float32')"


def transformer_of(*sizes, positions=None, steps=(), **options):
    """Return a Transformer with these positions, whose layers change nothing but for the steps.

    A step (weight1, weight2) of a layer adds relu(normalized x * weight1) * weight2.
    """
    said = ", ".join([*map(str, sizes), *(f"{name}={value}" for name, value in options.items())])
    lines = [f"transformer = ndl.nn.Transformer({said})"]
    if positions is not None:
        lines.append(f"transformer.positions.weight.data = {tensor(positions)}")
    silent = ["attention.out_projection.weight", "linear1.bias", "linear2.bias"]
    for at, step in enumerate(steps):
        layer = f"transformer.layers[{at}]"
        lines += [f"{layer}.{name}.data = {layer}.{name}.data * 0" for name in silent]
        lines += [
            f"{layer}.linear{one}.weight.data = {tensor(weight)}" for one, weight in enumerate(step, start=1)
        ]
    made, text = ran(*lines)
    return shown_as("transformer", made["transformer"], setup=text)


def seeded(*sizes, seed=0, **options):
    """Return a Transformer as it is drawn."""
    said = ", ".join([*map(str, sizes), *(f"{name}={value}" for name, value in options.items())])
    made, text = ran(f"np.random.seed({seed})", f"transformer = ndl.nn.Transformer({said})")
    return shown_as("transformer", made["transformer"], setup=text)


def test_row_t_of_the_positions_is_added_to_place_t_of_every_sequence():
    made = transformer_of(2, 1, 0, sequence_len=3, positions=[[1, 2], [10, 20], [100, 200]])
    x = ndl.Tensor([[[0, 0], [5, 5]], [[0, 0], [5, 5]], [[0, 0], [5, 5]]], dtype="float32")
    because = (
        "x is (T, B, embedding_size) = (3, 2, 2). There are no layers: x + positions, along the first axis."
    )
    expected = [[[1, 2], [6, 7]], [[10, 20], [15, 25]], [[100, 200], [105, 205]]]
    done = call(made, x)
    done[0].returns(expected, because=because).has_dtype(np.float32).keeps()


def test_with_batch_first_the_places_are_the_second_axis():
    positions = [[1, 2], [10, 20], [100, 200]]
    made = transformer_of(2, 1, 0, sequence_len=3, batch_first=True, positions=positions)
    x = ndl.Tensor([[[0, 0], [0, 0]], [[5, 5], [5, 5]], [[7, 7], [7, 7]]], dtype="float32")
    because = (
        "x is (B, T, embedding_size) = (3, 2, 2): three sequences of two places, which get rows 0 and 1."
    )
    expected = [[[1, 2], [10, 20]], [[6, 7], [15, 25]], [[8, 9], [17, 27]]]
    call(made, x)[0].returns(expected, because=because)


def test_layers_stand_one_after_the_other():
    first, second = ([[1], [0]], [[10, 100]]), ([[0], [1]], [[-7, 3]])
    made = transformer_of(
        2, 1, 2, num_head=1, dim_head=1, sequence_len=1, positions=[[1, 2]], steps=(first, second)
    )
    because = (
        "[4, -1] + [1, 2] = [5, 1]. Layer 0: normalized [1, -1], and 1 * [10, 100] is added: [15, 101]. "
    )
    because += "Layer 1: normalized [-1, 1], and 1 * [-7, 3] is added."
    x = ndl.Tensor([[[4, -1]]], dtype="float32")
    call(made, x)[0].returns([[[8, 104]]], because=because)


def test_the_state_is_ignored_and_comes_out_as_zeros():
    made = transformer_of(2, 1, 0, sequence_len=3, positions=[[1, 2], [10, 20], [100, 200]])
    x, h = ndl.Tensor([[[5, 5]]], dtype="float32"), ndl.Tensor([[[8, 9]]], dtype="float32")
    because = "an RNN's callers pass a state and get one back. This one has none: zeros, of the shape of x."
    for done in (call(made, x), call(made, x, h), call(made, x, None)):
        done[0].returns([[[6, 7]]], because="[5, 5] + [1, 2], whatever the state is.")
        done[1].returns([[[0, 0]]], because=because).has_dtype(np.float32)


def test_a_sequence_may_be_as_long_as_sequence_len_and_no_longer():
    for batch_first in (False, True):
        made = transformer_of(2, 1, 0, sequence_len=3, batch_first=batch_first, positions=np.ones((3, 2)))
        longest, longer = ((1, n, 2) if batch_first else (n, 1, 2) for n in (3, 4))
        x = ndl.Tensor(np.zeros(longest), dtype="float32")
        call(made, x)[0].returns(np.ones(longest), because="three places have three positions.")
        wide = (5, 2, 2) if batch_first else (2, 5, 2)
        x = ndl.Tensor(np.zeros(wide), dtype="float32")
        call(made, x)[0].returns(
            np.ones(wide), because="the batch may be of any size: 5 sequences of 2 places."
        )
        x = ndl.Tensor(np.zeros(longer), dtype="float32")
        because = "there is no position for the fourth place; say how long the sequence is and may be."
        raises(ValueError, made, x, naming=["4", "3"], because=because)


def test_positions_are_drawn_first_and_then_layer_by_layer():
    made = seeded(4, 5, 2, num_head=2, dim_head=3, sequence_len=6)
    np.random.seed(0)
    expected = [np.random.randn() for _ in range(24)]
    positions = seen(f"{made.setup}; transformer.positions.weight", made.function.positions.weight)
    because = "positions is an Embedding(6, 4), drawn from N(0, 1), before any layer."
    positions.returns(np.reshape(expected, (6, 4)), because=because)
    because = "a layer draws 4 projections of 24 numbers, linear1 with 20 + 5 and linear2 with 20 + 4, by "
    because += "kaiming_uniform: the q projection's bound is sqrt(6 / 4)."
    for at, layer in enumerate(made.function.layers):
        drawn = [np.random.rand() for _ in range(96 + 49)]
        scaled = np.reshape([(2 * one - 1) * 1.5**0.5 for one in drawn[:24]], (4, 6))
        name = f"transformer.layers[{at}].attention.q_projection.weight"
        weight = seen(f"{made.setup}; {name}", layer.attention.q_projection.weight)
        weight.returns(scaled, because=because)
    count = seen(f"{made.setup}; len(transformer.parameters())", len(made.function.parameters()))
    count.returns(33, because="the positions, and 16 parameters for each of two layers of their own.")


def test_sizes_dropout_and_mask_reach_every_layer():
    made = seeded(4, 5, 2, num_head=2, dim_head=3, dropout=0.25, causal=False, sequence_len=6)
    for at, layer in enumerate(made.function.layers):
        text = f"{made.setup}; transformer.layers[{at}]"
        inside = layer.attention.attention
        for name, value, expected in (
            ("dropout.p", layer.dropout.p, 0.25),
            ("attention.attention.dropout.p", inside.dropout.p, 0.25),
            ("attention.attention.causal", inside.causal, False),
            ("attention.num_head", layer.attention.num_head, 2),
            ("attention.dim_head", layer.attention.dim_head, 3),
        ):
            seen(f"{text}.{name}", value).returns(
                expected, because="each layer is made with the same options."
            )
        because = "2 heads of 3 features read 4, and linear1 makes hidden_size = 5 of them."
        seen(f"{text}.attention.q_projection.weight", layer.attention.q_projection.weight).has_shape((4, 6))
        seen(f"{text}.linear1.weight", layer.linear1.weight).has_shape((4, 5), because=because)


def test_by_default_there_are_8_heads_of_32_features_for_2048_places_with_a_mask():
    made = seeded(4, 5, 1)
    text, layer = f"{made.setup}; transformer", made.function.layers[0]
    weight = seen(f"{text}.layers[0].attention.q_projection.weight", layer.attention.q_projection.weight)
    weight.has_shape((4, 256), because="8 * 32 features.")
    seen(f"{text}.positions.weight", made.function.positions.weight).has_shape((2048, 4))
    causal = layer.attention.attention.causal
    seen(f"{text}.layers[0].attention.attention.causal", causal).returns(True)
    seen(f"{text}.layers[0].dropout.p", layer.dropout.p).returns(0.0)


def test_what_comes_later_changes_nothing_unless_there_is_no_mask():
    x = ndl.Tensor([[[1, 2]], [[3, 1]], [[5, 8]]], dtype="float32")
    other = ndl.Tensor([[[1, 2]], [[3, 1]], [[-4, 6]]], dtype="float32")
    for causal in (True, False):
        made = seeded(2, 3, 2, num_head=1, dim_head=2, causal=causal, sequence_len=3)
        first, second = (made.function(one)[0].numpy()[:2] for one in (x, other))
        changed = bool(np.abs(first - second).max() > 1e-4)
        what = f"{made.setup}; do places 0 and 1 change when place 2 of x does?"
        because = "with a mask a place sees what came before it; without one, all."
        seen(what, changed).returns(not causal, because=because)


def test_with_batch_first_the_same_numbers_come_out_with_their_axes_swapped():
    numbers = np.arange(1, 13).reshape(3, 2, 2) ** 2 % 7.0
    one, other = (
        seeded(2, 3, 2, num_head=2, dim_head=2, sequence_len=4, batch_first=flag) for flag in (False, True)
    )
    expected = [
        [one.function(ndl.Tensor(numbers, dtype="float32"))[0].numpy()[t, b] for t in range(3)]
        for b in (0, 1)
    ]
    swapped = [[numbers[t, b].tolist() for t in range(3)] for b in (0, 1)]
    because = "the same weights and the same sequences: only the order of the two axes differs."
    call(other, ndl.Tensor(swapped, dtype="float32"))[0].returns(np.array(expected), because=because)


@FEW
@given(st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_a_position_gathers_its_gradient_from_all_sequences(places, batch, batch_first):
    made = transformer_of(2, 1, 0, sequence_len=4, batch_first=batch_first, positions=np.ones((4, 2)))
    shape = (batch, places, 2) if batch_first else (places, batch, 2)
    out_grad = (np.arange(2.0 * places * batch) + 1).reshape(shape)
    x = ndl.Tensor(np.zeros(shape), dtype="float32")
    made.function(x)[0].backward(ndl.Tensor(out_grad, dtype="float32"))
    of_place = [out_grad[:, t] if batch_first else out_grad[t] for t in range(places)]
    expected = [[float(sum(column)) for column in zip(*rows, strict=True)] for rows in of_place]
    expected += [[0.0, 0.0]] * (4 - places)
    text = f"{made.setup}; transformer({tensor(x.numpy())})[0].backward({tensor(out_grad)})"
    because = "a position is added in every sequence of the batch; one that is not used has the gradient 0."
    grad = made.function.positions.weight.grad
    seen(f"{text}; transformer.positions.weight.grad", grad).returns(expected, because=because)
