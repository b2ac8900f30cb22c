"""lstm: memories that count, in one layer and several, then any network step by step and its slopes."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, raises, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)
NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")
OPEN = 100  # a gate's sigmoid is 1, and g's tanh is 1


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(*layers):
    """Return Python that makes a network with these four weights in each layer."""
    W_ih, W_hh, *_ = layers[0]
    more = f", num_layers={len(layers)}" * (len(layers) > 1)
    lines = [f"lstm = ndl.nn.LSTM({len(W_ih)}, {len(W_hh)}{more})"]
    for at, values in enumerate(layers):
        named = zip(NAMES, values, strict=True)
        lines += [f"lstm.lstm_cells[{at}].{name}.data = {tensor(value)}" for name, value in named]
    return lines


def network_made_by(*lines):
    """Run Python, and return the network that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("lstm", made["lstm"], setup=text)


def adding(weight):
    """Return a layer's weights with which its memory adds up tanh(weight * x), all gates being open."""
    return [[0, 0, weight, 0]], [[0, 0, 0, 0]], [OPEN, OPEN, 0, OPEN], [0, 0, 0, 0]


def column(*numbers):
    """Return a tensor with an axis of length 1 behind each number: one example of one feature."""
    return ndl.Tensor([[[one]] for one in numbers], dtype="float32")


def between_0_and_1(number):
    return 1 / (1 + math.exp(-number))


def one_step(x, h, c, W_ih, W_hh, bias_ih, bias_hh):
    """Return the next h and c of one example."""
    columns = []
    for at in range(len(bias_ih)):
        products = [one * row[at] for one, row in zip(x, W_ih, strict=True)]
        products += [one * row[at] for one, row in zip(h, W_hh, strict=True)]
        columns.append(math.fsum([*products, bias_ih[at], bias_hh[at]]))
    shown, kept, size = [], [], len(h)
    for at in range(size):
        i, f, g, o = (columns[at + size * gate] for gate in range(4))
        kept.append(between_0_and_1(f) * c[at] + between_0_and_1(i) * math.tanh(g))
        shown.append(between_0_and_1(o) * math.tanh(kept[at]))
    return shown, kept


def one_example(xs, states, layers):
    """Return the last layer's h after all steps, and all layers' (h, c) after the last, for one example."""
    outputs, states = [], [*states]
    for x in xs:
        for at, weights in enumerate(layers):
            states[at] = one_step(x, *states[at], *weights)
            x = states[at][0]
        outputs.append(x)
    return outputs, [h for h, _ in states], [c for _, c in states]


def by_examples(X, h0, c0, *weights):
    """Return output, h_n and c_n as nested lists, one below the other; `weights` are the layers' in a row."""
    examples = []
    for at in range(len(X[0])):
        states = [(h[at], c[at]) for h, c in zip(h0, c0, strict=True)]
        examples.append(one_example([x[at] for x in X], states, layers_of(weights)))
    return [[*step] for part in zip(*examples, strict=True) for step in zip(*part, strict=True)]


@st.composite
def sequences(draw):
    """Draw X, h0, c0 and the layers' weights."""
    steps, batch, ins, hidden, layers = (draw(st.integers(1, most)) for most in (3, 2, 2, 2, 2))
    shapes = [(steps, batch, ins), (layers, batch, hidden), (layers, batch, hidden)]
    for size in [ins, *[hidden] * (layers - 1)]:
        shapes += [(size, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,), (4 * hidden,)]
    return tuple(draw(arrays(shape, -1, 1)) for shape in shapes)


def layers_of(weights):
    return [weights[at : at + 4] for at in range(0, len(weights), 4)]


def test_the_memory_goes_on_from_step_to_step():
    lstm = network_made_by(*setting(adding(OPEN)))
    because = "each step adds tanh(100 * x), 1 for a 1 and -1 for a -1: c is 1, 2, 1, and h is tanh of it."
    made = call(lstm, column(1, 1, -1))
    made[0].returns([[[math.tanh(one)]] for one in (1, 2, 1)], because=because)
    because = "h_n is h after the last step, and c_n is c, of the only layer."
    made[1][0].returns([[[math.tanh(1)]]], because=because)
    made[1][1].returns([[[1]]], because=because)


def test_the_state_goes_on_from_step_to_step():
    weights = [[0, 0, 0, 0]], [[0, 0, 1, 0]], [OPEN, -OPEN, 2, OPEN], [0, 0, 0, 0]
    because = "the forget gate is shut, and g = h + 2: c = tanh(0 + 2), h = tanh(c), then c = tanh(h + 2)."
    first = math.tanh(math.tanh(2))
    second = math.tanh(math.tanh(first + 2))
    made = call(network_made_by(*setting(weights)), column(5, 5))
    made[0].returns([[[first]], [[second]]], because=because)


def test_a_sequence_begins_with_h0_and_c0():
    lstm = network_made_by(*setting(adding(OPEN)))
    because = "the memory is 0.5 before the first step, so 1.5 after it."
    call(lstm, column(1), (column(9), column(0.5)))[1][1].returns([[[1.5]]], because=because)
    weights = [[0, 0, 0, 0]], [[0, 0, 1, 0]], [OPEN, OPEN, 0, OPEN], [0, 0, 0, 0]
    because = "g is the state before the step, h0 = 2: c = 0.5 + tanh(2)."
    made = call(network_made_by(*setting(weights)), column(1), (column(2), column(0.5)))
    made[1][1].returns([[[0.5 + math.tanh(2)]]], because=because)


def test_a_second_layer_reads_the_states_of_the_first_and_gives_the_output():
    lstm = network_made_by(*setting(adding(OPEN), adding(1)))
    because = (
        "layer 0 has c = 1, 2 and h = tanh(1), tanh(2); layer 1 adds tanh of these to its own memory, which "
        "begins at 0. The output is layer 1's h; h_n and c_n hold both layers', the first one first."
    )
    first = math.tanh(math.tanh(1))
    second = first + math.tanh(math.tanh(2))
    made = call(lstm, column(1, 1))
    made[0].returns([[[math.tanh(first)]], [[math.tanh(second)]]], because=because)
    made[1][0].returns([[[math.tanh(2)]], [[math.tanh(second)]]], because=because)
    made[1][1].returns([[[2]], [[second]]], because=because)


def test_each_layer_begins_with_its_own_part_of_h0_and_c0():
    lstm = network_made_by(*setting(adding(OPEN), adding(OPEN)))
    because = "layer 0 goes on from the memory 3, and layer 1 from 0.5; both add 1."
    made = call(lstm, column(1), (column(0, 0), column(3, 0.5)))
    made[1][1].returns([[[4]], [[1.5]]], because=because)
    made[0].returns([[[math.tanh(1.5)]]], because=because)


def test_time_is_the_first_axis_and_the_examples_are_the_second():
    lstm = network_made_by(*setting(adding(OPEN)))
    X = ndl.Tensor([[[1], [-1]], [[1], [1]], [[1], [-1]]], dtype="float32")
    because = "one example reads 1, 1, 1, the other one -1, 1, -1."
    memories = (1, -1), (2, 0), (3, -1)
    made = call(lstm, X)
    made[0].returns([[[math.tanh(one)] for one in step] for step in memories], because=because)
    made[1][1].returns([[[3], [-1]]], because=because)


def test_a_text_may_be_read_in_parts_and_a_network_remembers_nothing_by_itself():
    lstm = network_made_by(*setting(adding(OPEN), adding(1)))
    part = call(lstm, column(1)).value
    because = "(h_n, c_n) of the first part goes into the second, which so ends as 1, 1 read at once does."
    second = math.tanh(math.tanh(1)) + math.tanh(math.tanh(2))
    call(lstm, column(1), part[1])[0].returns([[[math.tanh(second)]]], because=because)
    because = "without an h each call begins with zeros, whatever was read before."
    call(lstm, column(1))[0].returns([[[math.tanh(math.tanh(math.tanh(1)))]]], because=because)


def test_every_layer_has_a_cell_of_its_own_drawn_from_the_first_on():
    made, text = ran("np.random.seed(0)", "lstm = ndl.nn.LSTM(3, 4, num_layers=3)")
    cells = made["lstm"].lstm_cells
    count = seen(f"{text}; len(lstm.lstm_cells)", len(cells))
    count.returns(3, because="there are 3 layers, with a cell each.")
    np.random.seed(0)
    because = "the first cell reads 3 features, the others 4 hidden ones, and the first is drawn first."
    for at, ins in enumerate((3, 4, 4)):
        for name, shape in zip(NAMES, ((ins, 16), (4, 16), (16,), (16,)), strict=True):
            drawn = [np.random.rand() - 0.5 for _ in range(math.prod(shape))]
            found = seen(f"{text}; lstm.lstm_cells[{at}].{name}", getattr(cells[at], name))
            found.returns(np.reshape(drawn, shape), because=because)
    parameters = seen(f"{text}; len(lstm.parameters())", len(made["lstm"].parameters()))
    parameters.returns(12, because="3 cells have 4 parameters each.")
    made, text = ran("lstm = ndl.nn.LSTM(2, 3, num_layers=2, bias=False)")
    parameters = seen(f"{text}; len(lstm.parameters())", len(made["lstm"].parameters()))
    parameters.returns(4, because="without biases, 2 cells have 2 weights each.")


def test_an_input_or_a_state_that_does_not_fit_is_refused_in_words():
    lstm = network_made_by("lstm = ndl.nn.LSTM(3, 2, num_layers=2)")
    because = "X is to have the axes (time, batch, input_size), and input_size is 3: require_shape says so."
    for shape in ((4, 3), (5, 4, 2)):
        raises(ValueError, lstm, ndl.ones(*shape), naming=["LSTM:", "input_size = 3"], because=because)
    because = "each part is to be (num_layers, batch, hidden_size) = (2, 4, 2): require_shape says so."
    right = ndl.ones(2, 4, 2)
    for shape in ((1, 4, 2), (3, 4, 2), (2, 1, 2)):
        wrong = ndl.ones(*shape)
        for name, state in (("h0", (wrong, right)), ("c0", (right, wrong))):
            naming = [f"LSTM: {name}", f"{shape}", "num_layers = 2, batch = 4"]
            raises(ValueError, lstm, ndl.ones(5, 4, 3), state, naming=naming, because=because)


@reproducible
@given(sequences())
def test_any_sequence_comes_out_as_worked_step_by_step(drawn):
    X, h0, c0, *weights = drawn
    expected, steps, layers = by_examples(*(one.tolist() for one in drawn)), len(X), len(h0)
    because = (
        "each layer's c' = sigmoid(f) * c + sigmoid(i) * tanh(g), h' = sigmoid(o) * tanh(c'), unit by unit."
    )
    lstm = network_made_by(*setting(*layers_of(weights)))
    made = call(lstm, ndl.Tensor(X), (ndl.Tensor(h0), ndl.Tensor(c0))).keeps()
    made[0].returns(expected[:steps], because=because).has_dtype(np.float32)
    made[1][0].returns(expected[steps : steps + layers], because=because).has_dtype(np.float32)
    made[1][1].returns(expected[steps + layers :], because=because).has_dtype(np.float32)


@settings(reproducible, max_examples=15)  # measuring slopes takes long
@given(sequences())
def test_all_gradients_are_the_measured_slopes(drawn):
    X, h0, c0, *weights = drawn
    steps, layers = len(X), len(h0)
    weigh = np.arange(1, 1 + (steps + 2 * layers) * h0[0].size) / 4 % 1.25 - 0.5
    weigh = weigh.reshape((-1, *h0.shape[1:]))
    of = [tensor(part) for part in (weigh[:steps], weigh[steps : steps + layers], weigh[steps + layers :])]
    inputs = [f"{name} = {tensor(value)}" for name, value in {"X": X, "h0": h0, "c0": c0}.items()]
    outcome = f"((output * {of[0]}).sum() + (h_n * {of[1]}).sum() + (c_n * {of[2]}).sum()).backward()"
    made, text = ran(
        *setting(*layers_of(weights)), *inputs, "output, (h_n, c_n) = lstm(X, (h0, c0))", outcome
    )
    slopes = central_differences(by_examples, *drawn, out_grad=weigh)
    grads = {name: made[name].grad for name in ("X", "h0", "c0")}
    for at, cell in enumerate(made["lstm"].lstm_cells):
        grads |= {f"lstm.lstm_cells[{at}].{name}": getattr(cell, name).grad for name in NAMES}
    because = f"a weight meets every step, and its gradient is the sum over all {steps}."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        seen(f"{text}; {name}.grad", grad).returns(slope, rtol=1e-3, because=because)
