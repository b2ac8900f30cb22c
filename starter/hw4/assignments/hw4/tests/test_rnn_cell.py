"""rnn_cell: steps worked by hand, how a new cell is drawn, then any cell number by number and its slopes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, raises, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)
NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(W_ih, W_hh, *biases, nonlinearity="tanh"):
    """Return Python that makes a cell with these weights, and without a bias if there is none."""
    settings = ("" if biases else ", bias=False") + (
        "" if nonlinearity == "tanh" else f", nonlinearity='{nonlinearity}'"
    )
    values = zip(NAMES, (W_ih, W_hh, *biases), strict=False)
    return [
        f"cell = ndl.nn.RNNCell({len(W_ih)}, {len(W_hh)}{settings})",
        *(f"cell.{name}.data = {tensor(value)}" for name, value in values),
    ]


def cell_made_by(*lines):
    """Run Python, and return the cell that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("cell", made["cell"], setup=text)


def one_unit(x, h, W_ih, W_hh, bias, at):
    """Return what unit `at` adds up for one example, `bias` being what both biases are together."""
    from_input = [one * row[at] for one, row in zip(x, W_ih, strict=True)]
    from_state = [one * row[at] for one, row in zip(h, W_hh, strict=True)]
    return math.fsum([*from_input, *from_state, bias[at]])


def by_examples(X, h, W_ih, W_hh, bias_ih, bias_hh):
    """Return the next states, one by one, as nested lists."""
    bias = [one + other for one, other in zip(bias_ih, bias_hh, strict=True)]
    return [
        [math.tanh(one_unit(x, state, W_ih, W_hh, bias, at)) for at in range(len(bias))]
        for x, state in zip(X, h, strict=True)
    ]


@st.composite
def steps(draw):
    """Draw X, h, the four weights, and weights for the outcome, small enough for a tanh that is not flat."""
    batch, ins, hidden = (draw(st.integers(1, 3)) for _ in range(3))
    shapes = (batch, ins), (batch, hidden), (ins, hidden), (hidden, hidden), (hidden,), (hidden,)
    return tuple(draw(arrays(shape, -0.5, 0.5)) for shape in (*shapes, (batch, hidden)))


def test_a_step_is_tanh_of_what_comes_from_the_input_and_from_the_state():
    cell = cell_made_by(*setting([[3]], [[-2]], [0.5], [0.25]))
    because = "tanh(0.5 * 3 + 0.5 + 1 * -2 + 0.25) = tanh(0.25)."
    X, h = ndl.Tensor([[0.5]], dtype="float32"), ndl.Tensor([[1]], dtype="float32")
    call(cell, X, h).returns([[math.tanh(0.25)]], because=because)


def test_each_unit_has_its_column_of_both_weights():
    cell = cell_made_by(
        *setting([[1, 10], [100, 1000]], [[2, 30], [400, 5000]], [0, 0], [0, 0], nonlinearity="relu")
    )
    because = "1 * 1 + 2 * 100 + 3 * 2 + 4 * 400 = 1807, and 1 * 10 + 2 * 1000 + 3 * 30 + 4 * 5000 = 22100."
    X, h = ndl.Tensor([[1, 2]], dtype="float32"), ndl.Tensor([[3, 4]], dtype="float32")
    call(cell, X, h).returns([[1807, 22100]], because=because)


def test_every_example_has_a_state_of_its_own_and_the_same_biases():
    cell = cell_made_by(*setting([[1, 0]], [[1, 1], [0, 1]], [10, 20], [300, 400], nonlinearity="relu"))
    because = "the first: 1 + 5 + 310 and 0 + 5 + 6 + 420; the second: 2 + 7 + 310 and 0 + 7 + 8 + 420."
    X, h = ndl.Tensor([[1], [2]], dtype="float32"), ndl.Tensor([[5, 6], [7, 8]], dtype="float32")
    call(cell, X, h).returns([[316, 431], [319, 435]], because=because)


def test_without_a_state_it_is_zeros_and_both_biases_count_still():
    lines = setting([[1, 2]], [[7, 7], [7, 7]], [10, 20], [300, 400], nonlinearity="relu")
    because = "h is zeros: 3 * 1 + 10 + 300 and 3 * 2 + 20 + 400, and nothing of W_hh."
    call(cell_made_by(*lines), ndl.Tensor([[3]], dtype="float32")).returns([[313, 426]], because=because)
    x = ndl.Tensor([[3], [-1]], dtype="float32")
    because = "each of the two examples begins with zeros."
    call(cell_made_by(*lines), x, None).returns([[313, 426], [309, 418]], because=because)


def test_relu_takes_the_place_of_tanh_where_it_is_asked_for():
    cell = cell_made_by(*setting([[1, -1]], [[0, 0], [0, 0]], [0, 0], [0, 0], nonlinearity="relu"))
    because = "relu of 3 is 3, and of -3 is 0."
    call(cell, ndl.Tensor([[3]], dtype="float32")).returns([[3, 0]], because=because)
    because = "needle knows tanh and relu."
    made = shown_as("ndl.nn.RNNCell", ndl.nn.RNNCell)
    raises(ValueError, made, 1, 2, nonlinearity="gelu", naming=["gelu"], because=because)


def test_without_a_bias_only_the_products_are_added():
    made, text = ran(*setting([[0.5]], [[2]]))
    cell = made["cell"]
    X, h = ndl.Tensor([[0.5]], dtype="float32"), ndl.Tensor([[-0.25]], dtype="float32")
    because = "tanh(0.5 * 0.5 - 0.25 * 2) = tanh(-0.25): with bias=False nothing else is there."
    call(shown_as("cell", cell, setup=text), X, h).returns([[math.tanh(-0.25)]], because=because)
    for name in ("bias_ih", "bias_hh"):
        seen(f"{text}; cell.{name}", getattr(cell, name)).returns_nothing(because="there is no bias.")
    count = seen(f"{text}; len(cell.parameters())", len(cell.parameters()))
    count.returns(2, because="W_ih and W_hh are all that it learns.")


def test_a_new_cell_draws_its_weights_in_order_within_1_over_the_root_of_hidden_size():
    made, text = ran("np.random.seed(0)", "cell = ndl.nn.RNNCell(2, 4)")
    np.random.seed(0)
    draws = [np.random.rand() - 0.5 for _ in range(2 * 4 + 4 * 4 + 4 + 4)]  # from -0.5 to 0.5
    shapes, begin = ((2, 4), (4, 4), (4,), (4,)), 0
    for name, shape in zip(NAMES, shapes, strict=True):
        end = begin + math.prod(shape)
        found = seen(f"{text}; cell.{name}", getattr(made["cell"], name))
        because = f"draws {begin + 1} to {end}, from U(-1/2, 1/2), as 1 / sqrt(hidden_size) = 1/2."
        found.returns(np.reshape(draws[begin:end], shape), because=because).has_dtype(np.float32)
        found.has_type(ndl.nn.Parameter, because="an optimizer finds what it may change by its type.")
        begin = end


def test_weights_that_were_replaced_by_tensors_count():
    values = dict(zip(NAMES, ([[1]], [[10]], [100], [1000]), strict=True))
    replaced = [f"cell.{name} = {tensor(value)}" for name, value in values.items()]
    cell = cell_made_by("cell = ndl.nn.RNNCell(1, 1, nonlinearity='relu')", *replaced)
    because = "forward looks at the attributes as they are now: 2 * 1 + 3 * 10 + 100 + 1000."
    X, h = ndl.Tensor([[2]], dtype="float32"), ndl.Tensor([[3]], dtype="float32")
    call(cell, X, h).returns([[1132]], because=because)


def test_an_input_or_a_state_that_does_not_fit_is_refused_in_words():
    cell = cell_made_by("cell = ndl.nn.RNNCell(3, 2)")
    because = "input_size is 3, and these examples have 2 features: require_shape says so."
    raises(ValueError, cell, ndl.ones(4, 2), naming=["RNNCell", "(4, 2)", "input_size = 3"], because=because)
    because = "X holds 4 examples and h one, so h belongs to another batch: require_shape says so."
    state = ndl.ones(1, 2)
    raises(
        ValueError, cell, ndl.ones(4, 3), state, naming=["RNNCell", "(1, 2)", "batch = 4"], because=because
    )


@reproducible
@given(steps())
def test_any_step_comes_out_as_worked_number_by_number(drawn):
    X, h, *weights, _ = drawn
    expected = by_examples(*(one.tolist() for one in (X, h, *weights)))
    because = "unit j is tanh of the sum of x[i] * W_ih[i, j], h[i] * W_hh[i, j], bias_ih[j] and bias_hh[j]."
    made = call(cell_made_by(*setting(*weights)), ndl.Tensor(X), ndl.Tensor(h))
    made.returns(expected, because=because).has_dtype(np.float32).keeps()


@reproducible
@given(steps())
def test_all_gradients_are_the_measured_slopes(drawn):
    X, h, *weights, out_grad = drawn
    lines = [*setting(*weights), f"X = {tensor(X)}", f"h = {tensor(h)}"]
    made, text = ran(*lines, f"cell(X, h).backward({tensor(out_grad)})")
    slopes = central_differences(by_examples, X, h, *weights, out_grad=out_grad)
    grads = {"X": made["X"].grad, "h": made["h"].grad}
    grads |= {f"cell.{name}": getattr(made["cell"], name).grad for name in NAMES}
    because = "weights and biases meet every example, so their gradients are sums over all of them."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        found = seen(f"{text}; {name}.grad", grad).returns(slope, rtol=1e-3, because=because)
        found.has_dtype(np.float32)
