"""language_model: small models of fixed weights, their parts, and texts read in pieces."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from language_model import LanguageModel

import needle as ndl
from grader.expect import backward, call, raises, seen, shown_as
from grader.expect.drawing import reproducible
from needle import nn

RECURRENT = ("rnn", "lstm")


def words(*rows):
    return ndl.Tensor(np.array(rows, dtype=np.float32), requires_grad=False)


def named(model, name):
    """Return the part of a model at a path such as seq_model.rnn_cells.0.W_ih."""
    for step in name.split("."):
        model = model[int(step)] if step.isdigit() else getattr(model, step)
    return model


def fixed(text, model, **values):
    """Set parameters by their names, with __ for a dot; return the model, to be called."""
    setup = [f"model = {text}"]
    for name, value in values.items():
        place = name.replace("__", ".")
        named(model, place).data = ndl.Tensor(value, dtype="float32")
        shown = place.replace(".0.", "[0].")
        setup.append(f'model.{shown}.data = ndl.Tensor({value}, dtype="float32")')
    return shown_as("model", model, setup="; ".join(setup))


def one_unit():
    """Return a model of three words whose recurrent network has one unit."""
    return fixed(
        'LanguageModel(1, 3, 1, seq_model="rnn")',
        LanguageModel(1, 3, 1, seq_model="rnn"),
        embedding__weight=[[0.5], [1], [-1]],
        seq_model__rnn_cells__0__W_ih=[[2]],
        seq_model__rnn_cells__0__W_hh=[[0.5]],
        seq_model__rnn_cells__0__bias_ih=[0],
        seq_model__rnn_cells__0__bias_hh=[0],
        linear__weight=[[1, 0, -2]],
        linear__bias=[[0, 0.25, 0]],
    )


def is_a(text, part, kind):
    if not isinstance(part, kind):
        found = seen(text, part)
        found.fail("it is another module", type(part).__name__, kind.__name__)


class StandIn(nn.Module):
    """A Transformer that notes how it is made and called, and adds 1 to what it reads."""

    def __init__(self, *sizes, **settings):
        super().__init__()
        self.sizes, self.settings, self.states = sizes, settings, []
        StandIn.last = self

    def forward(self, x, h=None):
        self.states.append(h)
        return x + 1.0, ndl.init.zeros_like(x)


@pytest.fixture(name="transformer")
def stand_in(monkeypatch):
    """Put a stand-in where nn.Transformer is: the Transformer is another question."""
    monkeypatch.setattr(nn, "Transformer", StandIn)


def test_words_go_through_the_embedding_the_recurrent_network_and_the_linear_layer():
    made = call(one_unit(), words([0], [1]), None)
    first = math.tanh(2 * 0.5)
    second = math.tanh(2 * 1 + 0.5 * first)
    because = "word 0 is embedded as 0.5, and h = tanh(2 * 0.5); then word 1 as 1, and h = tanh(2 + h / 2). "
    because += "The linear layer makes h, 0.25 and -2 h of it."
    made[0].returns([[h, 0.25, -2 * h] for h in (first, second)], because=because).has_dtype("float32")
    made[1].returns([[[second]]], because="the state after the last word, of one layer and one column.")


def test_the_logits_are_a_row_for_each_word_step_by_step():
    made = call(one_unit(), words([0, 1, 2], [2, 2, 0]), None)
    made[0].has_shape((6, 3), because="2 steps of 3 columns are 6 words, each with a logit for 3 words.")
    because = "the first three rows are the three columns' first words: h is tanh of twice 0.5, 1 and -1."
    made.then("model(x)[0][:3, 0]", made[0].value.numpy()[:3, 0]).returns(
        [math.tanh(1), math.tanh(2), math.tanh(-2)], because=because
    )
    because = "targets of get_batch lie row by row: row 3 is column 0 in step 2, where word 2 comes, after 0."
    made.then("model(x)[0][3, 0]", made[0].value.numpy()[3, 0]).returns(
        math.tanh(-2 + 0.5 * math.tanh(1)), because=because
    )


@pytest.mark.parametrize("kind", RECURRENT)
def test_a_text_in_two_pieces_gives_what_it_gives_in_one(kind):
    np.random.seed(1)
    model = LanguageModel(3, 6, 4, num_layers=2, seq_model=kind)
    text = f'np.random.seed(1); model = LanguageModel(3, 6, 4, num_layers=2, seq_model="{kind}")'
    x = [[0, 5], [3, 1], [2, 2], [4, 0], [1, 3]]
    whole, _ = model(words(*x))
    first, h = model(words(*x[:2]))
    second, _ = model(words(*x[2:]), h)
    because = "the second piece begins with the state that the first one returned."
    pieces = np.concatenate([first.numpy(), second.numpy()])
    said = f"{text}; a, h = model(x[:2]); b, _ = model(x[2:], h); a and b, one below the other"
    seen(said, pieces).returns(whole, because=because)
    without, _ = model(words(*x[2:]))
    if np.allclose(without.numpy(), second.numpy()):
        seen(said, second).fail("the state plays no part", "the same with h and without", "other logits")


@pytest.mark.parametrize("kind", RECURRENT)
def test_its_parts_have_the_sizes_that_were_asked_for(kind):
    model = LanguageModel(5, 7, 3, num_layers=2, seq_model=kind)
    text = f'model = LanguageModel(5, 7, 3, num_layers=2, seq_model="{kind}")'
    is_a(f"{text}; model.embedding", model.embedding, nn.Embedding)
    is_a(f"{text}; model.seq_model", model.seq_model, nn.RNN if kind == "rnn" else nn.LSTM)
    is_a(f"{text}; model.linear", model.linear, nn.Linear)
    gates = 1 if kind == "rnn" else 4
    shapes = {
        "embedding.weight": (7, 5),
        f"seq_model.{kind}_cells.0.W_ih": (5, 3 * gates),
        f"seq_model.{kind}_cells.0.W_hh": (3, 3 * gates),
        f"seq_model.{kind}_cells.1.W_ih": (3, 3 * gates),
        "linear.weight": (3, 7),
        "linear.bias": (1, 7),
    }
    for name, shape in shapes.items():
        because = "7 words, embedded in 5 numbers, 3 hidden units in 2 layers, and logits for 7 words."
        seen(f"{text}; model.{name}", named(model, name)).has_shape(shape, because=because)
    cells = getattr(model.seq_model, f"{kind}_cells")
    seen(f"{text}; len(model.seq_model.{kind}_cells)", len(cells)).returns(2)


def test_the_parts_are_drawn_in_the_order_in_which_they_are_called():
    for kind, network in (("rnn", nn.RNN), ("lstm", nn.LSTM)):
        np.random.seed(3)
        model = LanguageModel(2, 4, 3, seq_model=kind)
        np.random.seed(3)
        drawn = nn.Embedding(4, 2), network(2, 3, 1), nn.Linear(3, 4)
        because = "embedding, seq_model, linear: so all draw the same."
        text = f'np.random.seed(3); model = LanguageModel(2, 4, 3, seq_model="{kind}")'
        parts = model.embedding, model.seq_model, model.linear
        for name, part, expected in zip(("embedding", "seq_model", "linear"), parts, drawn, strict=True):
            for at, (found, wanted) in enumerate(zip(part.parameters(), expected.parameters(), strict=True)):
                what = seen(f"{text}; model.{name}.parameters()[{at}]", found)
                what.returns(wanted, because=because)


def test_a_transformer_gets_the_sizes_and_the_longest_sequence(transformer):
    model = LanguageModel(4, 6, 9, num_layers=3, seq_model="transformer", seq_len=15)
    text = 'model = LanguageModel(4, 6, 9, num_layers=3, seq_model="transformer", seq_len=15)'
    names = ("embedding_size", "hidden_size", "num_layers")
    made = {**dict(zip(names, StandIn.last.sizes, strict=False)), **StandIn.last.settings}
    found = [made.get(name) for name in (*names, "sequence_len")]
    because = "nn.Transformer(embedding_size, hidden_size, num_layers, sequence_len=seq_len)."
    seen(f"{text}; what the Transformer was made with", found).returns([4, 9, 3, 15], because=because)
    because = "a Transformer returns as many features as it gets, 4: hidden_size is used inside it."
    seen(f"{text}; model.linear.weight", model.linear.weight).has_shape((4, 6), because=because)


def test_a_transformer_is_called_with_the_state_and_its_outcome_becomes_logits(transformer):
    model = fixed(
        'LanguageModel(2, 3, 5, seq_model="transformer")',
        LanguageModel(2, 3, 5, seq_model="transformer"),
        embedding__weight=[[0, 1], [2, 3], [4, 5]],
        linear__weight=[[1, 0, 1], [0, 1, 1]],
        linear__bias=[[0, 0, 0.5]],
    )
    state = ndl.init.zeros(2, 1, 2)
    made = call(model, words([2], [0]), state)
    because = "[4, 5] and [0, 1] are embedded; this stand-in adds 1; the logits are both and their sum + 0.5."
    made[0].returns([[5, 6, 11.5], [1, 2, 3.5]], because=because)
    made[1].has_shape((2, 1, 2), because="the state is what the Transformer returns as such.")
    if StandIn.last.states != [state]:
        made.fail("the state that the Transformer was given is wrong", "another one", "the h of the call")


def test_gradients_reach_all_parameters():
    shown = one_unit()
    made = backward(
        shown_as(f"{shown.text}(x)[0]", lambda x: shown.function(x)[0], setup=shown.setup), words([1], [2])
    )
    for at, param in enumerate(shown.function.parameters()):
        if param.grad is None or not np.any(param.grad.numpy()):
            found = made.then(f"model.parameters()[{at}].grad", param.grad)
            because = "Tensor(...), .data and .numpy() cut the graph; ops keep it."
            found.fail("there is no gradient", f"{param.grad}", "one that is not 0", because)


def test_a_sequence_model_that_there_is_not_is_refused():
    because = "a misspelt name must not make another model."
    raises(ValueError, LanguageModel, 2, 3, 4, seq_model="rrn", naming=["rrn"], because=because)


@reproducible
@given(st.integers(1, 4), st.integers(1, 3), st.sampled_from(RECURRENT), st.integers(1, 2))
def test_logits_and_states_have_their_shapes_for_any_text(steps, columns, kind, layers):
    model = LanguageModel(2, 5, 3, num_layers=layers, seq_model=kind)
    x = words(*[[(row + column) % 5 for column in range(columns)] for row in range(steps)])
    shown = shown_as(f'LanguageModel(2, 5, 3, num_layers={layers}, seq_model="{kind}")', model)
    made = call(shown, x)
    made[0].has_shape((steps * columns, 5), because=f"{steps} steps of {columns} words.")
    states = (made[1],) if kind == "rnn" else (made[1][0], made[1][1])
    for state in states:
        state.has_shape((layers, columns, 3), because="a state for each layer and column, of 3 units.")
