"""lstm_cell: gates opened and shut by hand, how a new cell is drawn, then any cell number by number."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, raises, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)
NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")
OPEN, SHUT = 100, -100  # of these the sigmoid is 1 and 0


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(W_ih, W_hh, *biases):
    """Return Python that makes a cell with these weights, and without a bias if there is none."""
    values = zip(NAMES, (W_ih, W_hh, *biases), strict=False)
    return [
        f"cell = ndl.nn.LSTMCell({len(W_ih)}, {len(W_hh)}{'' if biases else ', bias=False'})",
        *(f"cell.{name}.data = {tensor(value)}" for name, value in values),
    ]


def cell_made_by(*lines):
    """Run Python, and return the cell that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("cell", made["cell"], setup=text)


def of_gates(i, f, g, o):
    """Return a cell of one unit whose gates are given by its biases alone."""
    return cell_made_by(*setting([[0, 0, 0, 0]], [[0, 0, 0, 0]], [i, f, g, o], [0, 0, 0, 0]))


def row(*numbers):
    return ndl.Tensor([numbers], dtype="float32")


def between_0_and_1(number):
    return 1 / (1 + math.exp(-number))


def sums(x, h, W_ih, W_hh, bias_ih, bias_hh):
    """Return what each column adds up for one example."""
    found = []
    for at in range(len(bias_ih)):
        products = [one * weights[at] for one, weights in zip(x, W_ih, strict=True)]
        products += [one * weights[at] for one, weights in zip(h, W_hh, strict=True)]
        found.append(math.fsum([*products, bias_ih[at], bias_hh[at]]))
    return found


def one_example(x, h, c, *weights):
    """Return the next h and c of one example."""
    columns, size = sums(x, h, *weights), len(h)
    shown, kept = [], []
    for at in range(size):
        i, f, g, o = (columns[at + size * gate] for gate in range(4))
        kept.append(between_0_and_1(f) * c[at] + between_0_and_1(i) * math.tanh(g))
        shown.append(between_0_and_1(o) * math.tanh(kept[at]))
    return shown, kept


def by_examples(X, h, c, *weights):
    """Return h' and below it c', as nested lists."""
    both = [one_example(*example, *weights) for example in zip(X, h, c, strict=True)]
    return [shown for shown, _ in both] + [kept for _, kept in both]


@st.composite
def steps(draw):
    """Draw X, h, c, the four weights, and weights for h' and for c'."""
    batch, ins, hidden = (draw(st.integers(1, most)) for most in (2, 2, 2))
    state, gates = (batch, hidden), 4 * hidden
    shapes = (batch, ins), state, state, (ins, gates), (hidden, gates), (gates,), (gates,), state, state
    return tuple(draw(arrays(shape, -1, 1)) for shape in shapes)


def test_a_shut_input_gate_and_an_open_forget_gate_keep_the_memory():
    cell = of_gates(SHUT, OPEN, 3, OPEN)
    because = "c' = 1 * 0.5 + 0 * tanh(3), and h' = 1 * tanh(c')."
    made = call(cell, row(1), (row(9), row(0.5)))
    made[1].returns([[0.5]], because=because)
    made[0].returns([[math.tanh(0.5)]], because=because)


def test_an_open_input_gate_adds_tanh_of_g_to_what_is_not_forgotten():
    because = "c' = 1 * 0.5 + 1 * tanh(3): what was kept, and what is new."
    call(of_gates(OPEN, OPEN, 3, OPEN), row(1), (row(9), row(0.5)))[1].returns(
        [[0.5 + math.tanh(3)]], because=because
    )
    because = "c' = 0 * 0.5 + 1 * tanh(3): the forget gate is shut, so the memory is gone."
    call(of_gates(OPEN, SHUT, 3, OPEN), row(1), (row(9), row(0.5)))[1].returns(
        [[math.tanh(3)]], because=because
    )


def test_a_shut_output_gate_shows_nothing_of_the_memory():
    because = "c' = 0.5 is kept, and h' = 0 * tanh(0.5)."
    made = call(of_gates(SHUT, OPEN, 3, SHUT), row(1), (row(9), row(0.5)))
    made[0].returns([[0]], because=because)
    made[1].returns([[0.5]], because=because)


def test_half_open_gates_let_half_through():
    because = "sigmoid(0) = 1/2: c' = 0.5 * 2 + 0.5 * tanh(1), and h' = 0.5 * tanh(c')."
    kept = 1 + 0.5 * math.tanh(1)
    made = call(of_gates(0, 0, 1, 0), row(1), (row(9), row(2)))
    made[1].returns([[kept]], because=because)
    made[0].returns([[0.5 * math.tanh(kept)]], because=because)


def test_the_columns_are_those_of_i_then_f_then_g_then_o_for_all_units():
    biases = [OPEN, SHUT, SHUT, OPEN, 0.25, 0.5, OPEN, SHUT]
    lines = setting([[0] * 8], [[0] * 8, [0] * 8], biases, [0] * 8)
    because = (
        "with hidden_size 2, columns 0 and 1 are i of the units 0 and 1, then come f, g and o: unit 0 takes "
        "in tanh(0.25) and forgets, unit 1 keeps 0.75 and shows nothing."
    )
    made = call(cell_made_by(*lines), row(1), (row(9, 9), row(0.5, 0.75)))
    made[1].returns([[math.tanh(0.25), 0.75]], because=because)
    made[0].returns([[math.tanh(math.tanh(0.25)), 0]], because=because)


def test_input_state_and_both_biases_add_up_before_the_gates():
    lines = setting([[0, 0, 0.5, 0]], [[0, 0, 0.25, 0]], [OPEN, OPEN, 1, OPEN], [0, 0, -2, 0])
    because = "g's column is 3 * 0.5 + 2 * 0.25 + 1 - 2 = 1: c' = 0.5 + tanh(1)."
    call(cell_made_by(*lines), row(3), (row(2), row(0.5)))[1].returns([[0.5 + math.tanh(1)]], because=because)


def test_without_a_state_both_parts_are_zeros_and_both_biases_count_still():
    lines = setting([[0, 0, 1, 0]], [[7, 7, 7, 7]], [OPEN, OPEN, 1, OPEN], [0, 0, 0.5, 0])
    because = "h and c are zeros: g = 3 * 1 + 1 + 0.5 and c' = tanh(4.5), for the second -1 * 1 + 1 + 0.5."
    kept = [[math.tanh(4.5)], [math.tanh(0.5)]]
    X = ndl.Tensor([[3], [-1]], dtype="float32")
    for made in (call(cell_made_by(*lines), X), call(cell_made_by(*lines), X, None)):
        made[1].returns(kept, because=because)
        made[0].returns([[math.tanh(one)] for (one,) in kept], because=because)


def test_without_a_bias_only_the_products_are_added():
    made, text = ran(*setting([[0, 0, 0.5, 0]], [[0, 0, 2, 0]]))
    cell = made["cell"]
    because = "g = 3 * 0.5 + 1 * 2 = 3.5; the other gates are half open: c' = 2 / 2 + tanh(3.5) / 2."
    found = call(shown_as("cell", cell, setup=text), row(3), (row(1), row(2)))[1]
    found.returns([[1 + math.tanh(3.5) / 2]], because=because)
    for name in ("bias_ih", "bias_hh"):
        seen(f"{text}; cell.{name}", getattr(cell, name)).returns_nothing(because="there is no bias.")
    count = seen(f"{text}; len(cell.parameters())", len(cell.parameters()))
    count.returns(2, because="W_ih and W_hh are all that it learns.")


def test_a_new_cell_draws_its_weights_in_order_within_1_over_the_root_of_hidden_size():
    made, text = ran("np.random.seed(0)", "cell = ndl.nn.LSTMCell(2, 4)")
    np.random.seed(0)
    shapes = (2, 16), (4, 16), (16,), (16,)
    for name, shape in zip(NAMES, shapes, strict=True):
        drawn = [np.random.rand() - 0.5 for _ in range(math.prod(shape))]
        found = seen(f"{text}; cell.{name}", getattr(made["cell"], name))
        because = (
            "drawn in the order W_ih, W_hh, bias_ih, bias_hh from U(-1/2, 1/2): 1 / sqrt(hidden_size) = 1/2."
        )
        found.returns(np.reshape(drawn, shape), because=because).has_dtype(np.float32)
        found.has_type(ndl.nn.Parameter, because="an optimizer finds what it may change by its type.")


def test_weights_that_were_replaced_by_tensors_count():
    values = zip(NAMES, ([[0, 0, 1, 0]], [[0, 0, 1, 0]], [0, 0, 0.25, 0], [0, 0, 0.5, 0]), strict=True)
    replaced = [f"cell.{name} = {tensor(value)}" for name, value in values]
    cell = cell_made_by("cell = ndl.nn.LSTMCell(1, 1)", *replaced)
    because = "forward looks at the attributes as they are now: g = 1 - 0.5 + 0.25 + 0.5, c' = tanh(g) / 2."
    call(cell, row(1), (row(-0.5), row(0)))[1].returns([[math.tanh(1.25) / 2]], because=because)


def test_an_input_or_a_state_that_does_not_fit_is_refused_in_words():
    cell = cell_made_by("cell = ndl.nn.LSTMCell(3, 2)")
    because = "input_size is 3, and these examples have 2 features: require_shape says so."
    raises(ValueError, cell, ndl.ones(4, 2), naming=["LSTMCell", "(4, 2)", "input_size = 3"], because=because)
    because = "X holds 4 examples, and this part of the state one: require_shape says so."
    right, wrong = ndl.ones(4, 2), ndl.ones(1, 2)
    for name, state in (("h0", (wrong, right)), ("c0", (right, wrong))):
        naming = [f"LSTMCell: {name}", "(1, 2)", "batch = 4"]
        raises(ValueError, cell, ndl.ones(4, 3), state, naming=naming, because=because)


@reproducible
@given(steps())
def test_any_step_comes_out_as_worked_number_by_number(drawn):
    X, h, c, *weights = drawn[:-2]
    expected = by_examples(*(one.tolist() for one in drawn[:-2]))
    because = "c' = sigmoid(f) * c + sigmoid(i) * tanh(g) and h' = sigmoid(o) * tanh(c'), unit by unit."
    made = call(cell_made_by(*setting(*weights)), ndl.Tensor(X), (ndl.Tensor(h), ndl.Tensor(c))).keeps()
    made[0].returns(expected[: len(X)], because=because).has_dtype(np.float32)
    made[1].returns(expected[len(X) :], because=because).has_dtype(np.float32)


@settings(reproducible, max_examples=20)  # measuring slopes takes long
@given(steps())
def test_all_gradients_are_the_measured_slopes(drawn):
    X, h, c, *weights, of_h, of_c = drawn
    inputs = [f"{name} = {tensor(value)}" for name, value in {"X": X, "h": h, "c": c}.items()]
    outcome = f"((h1 * {tensor(of_h)}).sum() + (c1 * {tensor(of_c)}).sum()).backward()"
    made, text = ran(*setting(*weights), *inputs, "h1, c1 = cell(X, (h, c))", outcome)
    slopes = central_differences(by_examples, *drawn[:-2], out_grad=[*of_h.tolist(), *of_c.tolist()])
    grads = {name: made[name].grad for name in ("X", "h", "c")}
    grads |= {f"cell.{name}": getattr(made["cell"], name).grad for name in NAMES}
    because = "c' reaches the outcome by itself and through h'; weights and biases meet every example."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        found = seen(f"{text}; {name}.grad", grad).returns(slope, rtol=1e-3, because=because)
        found.has_dtype(np.float32)
