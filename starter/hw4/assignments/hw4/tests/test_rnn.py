"""rnn: sequences worked by hand, one layer and several, then any network step by step and its slopes."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, raises, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)
NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(*layers, nonlinearity="tanh"):
    """Return Python that makes a network with these weights in each layer; two of them mean no bias."""
    (W_ih, W_hh, *biases), said = layers[0], f", num_layers={len(layers)}" * (len(layers) > 1)
    said += "" if biases else ", bias=False"
    said += "" if nonlinearity == "tanh" else f", nonlinearity='{nonlinearity}'"
    lines = [f"rnn = ndl.nn.RNN({len(W_ih)}, {len(W_hh)}{said})"]
    for at, values in enumerate(layers):
        named = zip(NAMES, values, strict=False)
        lines += [f"rnn.rnn_cells[{at}].{name}.data = {tensor(value)}" for name, value in named]
    return lines


def network_made_by(*lines):
    """Run Python, and return the network that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("rnn", made["rnn"], setup=text)


def column(*numbers):
    """Return a tensor with an axis of length 1 behind each number: one example of one feature."""
    return ndl.Tensor([[[one]] for one in numbers], dtype="float32")


def one_step(x, h, W_ih, W_hh, bias_ih, bias_hh):
    """Return the next state of one example."""
    sums = []
    for at in range(len(h)):
        products = [one * row[at] for one, row in zip(x, W_ih, strict=True)]
        products += [one * row[at] for one, row in zip(h, W_hh, strict=True)]
        sums.append(math.fsum([*products, bias_ih[at], bias_hh[at]]))
    return [*map(math.tanh, sums)]


def one_example(xs, states, layers):
    """Return the last layer's states after all steps, and all layers' after the last, for one example."""
    outputs = []
    for x in xs:
        for at, weights in enumerate(layers):
            states = [*states[:at], one_step(x, states[at], *weights), *states[at + 1 :]]
            x = states[at]
        outputs.append(x)
    return outputs, states


def by_examples(X, h0, *weights):
    """Return output and h_n as nested lists, one below the other; `weights` are the layers' in a row."""
    layers = [weights[at : at + 4] for at in range(0, len(weights), 4)]
    examples = range(len(X[0]))
    both = [one_example([x[at] for x in X], [h[at] for h in h0], layers) for at in examples]
    outputs, last = zip(*both, strict=True)
    return [[*part] for both in (outputs, last) for part in zip(*both, strict=True)]


@st.composite
def sequences(draw):
    """Draw X, h0 and the layers' weights, small enough for a tanh that is not flat."""
    steps, batch, ins, hidden, layers = (draw(st.integers(1, most)) for most in (3, 2, 2, 2, 3))
    shapes = [(steps, batch, ins), (layers, batch, hidden)]
    for size in [ins, *[hidden] * (layers - 1)]:
        shapes += [(size, hidden), (hidden, hidden), (hidden,), (hidden,)]
    return tuple(draw(arrays(shape, -1, 1)) for shape in shapes)


def layers_of(weights):
    return [weights[at : at + 4] for at in range(0, len(weights), 4)]


def test_each_state_grows_out_of_the_one_before_it():
    rnn = network_made_by(*setting(([[1]], [[10]]), nonlinearity="relu"))
    because = "each state is x + 10 * the state before it, which is 0 at first: 1, 2 + 10, 3 + 120."
    made = call(rnn, column(1, 2, 3))
    made[0].returns([[[1]], [[12]], [[123]]], because=because)
    made[1].returns([[[123]]], because="h_n holds the state after the last step, of the only layer.")


def test_a_sequence_begins_with_h0():
    rnn = network_made_by(*setting(([[1]], [[10]]), nonlinearity="relu"))
    because = "the state before the first step is 7: 1 + 70, 2 + 710."
    made = call(rnn, column(1, 2), column(7))
    made[0].returns([[[71]], [[712]]], because=because)
    made[1].returns([[[712]]], because=because)


def test_a_second_layer_reads_the_states_of_the_first_and_gives_the_output():
    rnn = network_made_by(*setting(([[1]], [[10]]), ([[2]], [[100]]), nonlinearity="relu"))
    because = (
        "layer 0 has the states 1 and 12; layer 1 reads these and has 2 * 1 = 2, then 2 * 12 + 100 * 2 = 224."
    )
    made = call(rnn, column(1, 2))
    made[0].returns([[[2]], [[224]]], because=because)
    because += " h_n holds what each layer ends with, the first layer first."
    made[1].returns([[[12]], [[224]]], because=because)


def test_each_layer_begins_with_its_own_part_of_h0():
    rnn = network_made_by(*setting(([[1]], [[10]]), ([[2]], [[100]]), nonlinearity="relu"))
    because = "layer 0 begins with 7: 1 + 70 = 71; layer 1 with 3: 2 * 71 + 300 = 442."
    made = call(rnn, column(1), column(7, 3))
    made[0].returns([[[442]]], because=because)
    made[1].returns([[[71]], [[442]]], because=because)


def test_time_is_the_first_axis_and_the_examples_are_the_second():
    rnn = network_made_by(*setting(([[1]], [[10]]), nonlinearity="relu"))
    X = ndl.Tensor([[[1], [4]], [[2], [5]], [[3], [6]]], dtype="float32")
    because = "one example reads 1, 2, 3, the other one 4, 5, 6."
    made = call(rnn, X)
    made[0].returns([[[1], [4]], [[12], [45]], [[123], [456]]], because=because)
    made[1].returns([[[123], [456]]], because=because)


def test_a_text_may_be_read_in_parts_and_a_network_remembers_nothing_by_itself():
    rnn = network_made_by(*setting(([[1]], [[10]]), ([[2]], [[100]]), nonlinearity="relu"))
    part = call(rnn, column(1)).value
    because = "h_n of the first part, 1 and 2, is h0 of the second: so it ends as 1, 2 read at once does."
    call(rnn, column(2), part[1])[0].returns([[[224]]], because=because)
    because = "without an h0 each call begins with zeros, whatever was read before."
    call(rnn, column(1))[0].returns([[[2]]], because=because)


def test_every_layer_has_a_cell_of_its_own_drawn_from_the_first_on():
    made, text = ran("np.random.seed(0)", "rnn = ndl.nn.RNN(3, 4, num_layers=3)")
    cells = made["rnn"].rnn_cells
    count = seen(f"{text}; len(rnn.rnn_cells)", len(cells))
    count.returns(3, because="there are 3 layers, with a cell each.")
    np.random.seed(0)
    for at, ins in enumerate((3, 4, 4)):
        because = (
            "the first cell reads 3 features, the others 4 hidden ones. The first draws first, and each "
            "draws W_ih, W_hh, bias_ih, bias_hh from U(-1/2, 1/2)."
        )
        for name, shape in zip(NAMES, ((ins, 4), (4, 4), (4,), (4,)), strict=True):
            drawn = [np.random.rand() - 0.5 for _ in range(math.prod(shape))]
            found = seen(f"{text}; rnn.rnn_cells[{at}].{name}", getattr(cells[at], name))
            found.returns(np.reshape(drawn, shape), because=because)
    parameters = seen(f"{text}; len(rnn.parameters())", len(made["rnn"].parameters()))
    parameters.returns(12, because="3 cells have 4 parameters each.")


def test_bias_and_nonlinearity_reach_every_layer():
    made, text = ran("rnn = ndl.nn.RNN(2, 3, num_layers=2, bias=False)")
    count = seen(f"{text}; len(rnn.parameters())", len(made["rnn"].parameters()))
    count.returns(4, because="without biases, 2 cells have 2 weights each.")
    rnn = network_made_by(*setting(([[1]], [[0]]), ([[2]], [[0]])))
    because = "tanh by default, in both layers: tanh(2 * tanh(3))."
    call(rnn, column(3))[0].returns([[[math.tanh(2 * math.tanh(3))]]], because=because)


def test_an_input_or_a_state_that_does_not_fit_is_refused_in_words():
    rnn = network_made_by("rnn = ndl.nn.RNN(3, 2, num_layers=2)")
    because = "X is to have the axes (time, batch, input_size), and input_size is 3: require_shape says so."
    for shape in ((4, 3), (5, 4, 2)):
        raises(ValueError, rnn, ndl.ones(*shape), naming=["RNN:", "input_size = 3"], because=because)
    because = "h0 is to be (num_layers, batch, hidden_size) = (2, 4, 2): require_shape says so."
    for shape in ((1, 4, 2), (3, 4, 2), (2, 1, 2)):
        state, naming = ndl.ones(*shape), ["RNN:", f"{shape}", "num_layers = 2, batch = 4"]
        raises(ValueError, rnn, ndl.ones(5, 4, 3), state, naming=naming, because=because)


@reproducible
@given(sequences())
def test_any_sequence_comes_out_as_worked_step_by_step(drawn):
    X, h0, *weights = drawn
    expected = by_examples(*(one.tolist() for one in drawn))
    because = "each layer's state is tanh(x @ W_ih + bias_ih + h @ W_hh + bias_hh), and the next layer's x."
    made = call(network_made_by(*setting(*layers_of(weights))), ndl.Tensor(X), ndl.Tensor(h0)).keeps()
    made[0].returns(expected[: len(X)], because=because).has_dtype(np.float32)
    made[1].returns(expected[len(X) :], because=because).has_dtype(np.float32)


@settings(reproducible, max_examples=20)  # measuring slopes takes long
@given(sequences())
def test_all_gradients_are_the_measured_slopes(drawn):
    X, h0, *weights = drawn
    lines = [
        *setting(*layers_of(weights)),
        f"X = {tensor(X)}",
        f"h0 = {tensor(h0)}",
        "output, h_n = rnn(X, h0)",
    ]
    hidden, weigh = h0.shape[2], np.arange(1, 1 + h0.size + X.shape[0] * h0[0].size) / 4 % 1.25 - 0.5
    weigh = weigh.reshape((-1, *h0.shape[1:]))
    first, second = tensor(weigh[: len(X)]), tensor(weigh[len(X) :])
    made, text = ran(*lines, f"((output * {first}).sum() + (h_n * {second}).sum()).backward()")
    slopes = central_differences(by_examples, X, h0, *weights, out_grad=weigh)
    grads = {"X": made["X"].grad, "h0": made["h0"].grad}
    for at, cell in enumerate(made["rnn"].rnn_cells):
        grads |= {f"rnn.rnn_cells[{at}].{name}": getattr(cell, name).grad for name in NAMES}
    because = (
        f"a weight meets every step, and its gradient is the sum over these ({hidden} units, {len(X)} steps)."
    )
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        seen(f"{text}; {name}.grad", grad).returns(slope, rtol=1e-3, because=because)
