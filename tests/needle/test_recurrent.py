"""Recurrent networks, their cells and embeddings beside PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, init, nn, ops
from needle.errors import LabelError, SettingError, ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, close, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402

few = st.integers(1, 3)
seeds = st.integers(0, 1_000)
CELLS = {"RNN": nn.RNNCell, "LSTM": nn.LSTMCell, "GRU": nn.GRUCell}
NETWORKS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
KINDS = tuple(NETWORKS)
COLUMNS = {"RNN": 1, "LSTM": 4, "GRU": 3}  # of W_ih, in multiples of hidden_size


def tensors_in(value: Any) -> list[Any]:
    """Return the tensors in nested tuples, in their order."""
    return [one for part in value for one in tensors_in(part)] if isinstance(value, tuple) else [value]


def joined(value: Any) -> Any:
    """Return all that a cell or network returns as one tensor, along the first axis."""
    parts = tensors_in(value)
    if isinstance(parts[0], Tensor):
        return ops.concat(parts, 0)
    return torch.cat(parts)


class Joined:
    """A module whose only input is one of the arguments of a call, and whose outputs are one tensor."""

    def __init__(self, module: Any, arguments: Callable[[Any], tuple[Any, ...]] = lambda x: (x,)) -> None:
        self.module = module
        self.parameters = module.parameters
        self.arguments = arguments

    def __call__(self, x: Any) -> Any:
        return joined(self.module(*self.arguments(x)))


def pair(kind: str, layers: int, *sizes: int, **settings: Any) -> tuple[Any, Any]:
    """Return networks, or for 0 layers cells, of needle and PyTorch, with the same weights."""
    if layers:
        ours = NETWORKS[kind](*sizes, num_layers=layers, dtype=FLOAT, **settings)
        theirs = getattr(torch.nn, kind)(*sizes, num_layers=layers, dtype=torch.float64, **settings)
    else:
        ours = CELLS[kind](*sizes, dtype=FLOAT, **settings)
        theirs = getattr(torch.nn, kind + "Cell")(*sizes, dtype=torch.float64, **settings)
    copy_parameters(ours, theirs)
    return ours, theirs


def state(kind: str, of: Callable[[np.ndarray], Any], shape: tuple[int, ...]) -> Any:
    """Return a state of fixed numbers, as a network of this kind takes it."""
    h, c = of(numbers(shape, 1)), of(numbers(shape, 2))
    return (h, c) if kind == "LSTM" else h


@quickly
@given(
    kind=st.sampled_from(KINDS),
    layers=st.integers(0, 3),
    sizes=st.tuples(few, few, few, few),
    bias=st.booleans(),
    begun=st.booleans(),
    seed=seeds,
)
def test_networks_and_cells_are_pytorchs(
    kind: str, layers: int, sizes: tuple[int, ...], bias: bool, begun: bool, seed: int
) -> None:
    steps, batch, features, hidden = sizes
    ours, theirs = pair(kind, layers, features, hidden, bias=bias)
    shape = (layers, batch, hidden)[layers == 0 :]
    rest = [state(kind, of, shape) for of in (Tensor, torch.tensor)] if begun else [None, None]
    x = numbers((steps, batch, features)[layers == 0 :], seed)
    assert_alike(Joined(ours, lambda x: (x, rest[0])), Joined(theirs, lambda x: (x, rest[1])), x)


@quickly
@given(kind=st.sampled_from(KINDS), layers=st.integers(0, 2), sizes=st.tuples(few, few, few, few))
def test_the_gradient_of_the_first_state_is_pytorchs(kind: str, layers: int, sizes: tuple[int, ...]) -> None:
    steps, batch, features, hidden = sizes
    ours, theirs = pair(kind, layers, features, hidden)
    x = numbers((steps, batch, features)[layers == 0 :], 3)
    h = numbers((layers, batch, hidden)[layers == 0 :], 4)

    def first_of(of: Callable[[np.ndarray], Any]) -> Callable[[Any], tuple[Any, ...]]:
        return lambda h: (of(x), (h, h) if kind == "LSTM" else h)

    assert_alike(Joined(ours, first_of(Tensor)), Joined(theirs, first_of(torch.tensor)), h)


@pytest.mark.parametrize("layers", [0, 2])
def test_relu_takes_the_place_of_tanh(layers: int) -> None:
    ours, theirs = pair("RNN", layers, 3, 4, nonlinearity="relu")
    x = numbers((5, 2, 3)[layers == 0 :], 1)
    close(joined(ours(Tensor(x))), joined(theirs(torch.tensor(x))))


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_read_in_two_parts_ends_as_when_read_at_once(kind: str) -> None:
    network = NETWORKS[kind](3, 4, num_layers=2, dtype=FLOAT)
    x = numbers((6, 2, 3), 1)
    whole, end = network(Tensor(x))
    first, middle = network(Tensor(x[:4]))
    second, last = network(Tensor(x[4:]), middle)
    close(ops.concat([first, second], 0), whole.numpy())
    close(joined(last), joined(end).numpy())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
def test_weights_are_drawn_in_their_order_layer_by_layer(kind: str, bias: bool) -> None:
    np.random.seed(3)
    network = NETWORKS[kind](5, 9, num_layers=2, bias=bias)
    np.random.seed(3)
    columns, bound = 9 * COLUMNS[kind], 1 / 3
    for cell, features in zip(getattr(network, f"{kind.lower()}_cells"), (5, 9), strict=True):
        shapes = [(features, columns), (9, columns), *[(columns,), (columns,)] * bias]
        names = ["W_ih", "W_hh", "bias_ih", "bias_hh"]
        for name, shape in zip(names, shapes, strict=False):
            drawn = init.rand(*shape, low=-bound, high=bound)
            np.testing.assert_array_equal(getattr(cell, name).numpy(), drawn.numpy())
            assert isinstance(getattr(cell, name), nn.Parameter)
            assert getattr(cell, name).dtype == "float32"
        assert bias or (cell.bias_ih, cell.bias_hh) == (None, None)
    assert len(network.parameters()) == (8 if bias else 4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_takes_weights_replaced_by_tensors(kind: str) -> None:
    cell = CELLS[kind](2, 3, dtype=FLOAT)
    x = Tensor(numbers((4, 2), 1))
    expected = joined(cell(x)).numpy()
    for name in ("W_ih", "W_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, Tensor(getattr(cell, name), requires_grad=True))
    found = joined(cell(x))
    close(found, expected)
    found.sum().backward()
    assert cell.W_ih.grad.shape == cell.W_ih.shape
    assert cell.parameters() == []


@pytest.mark.parametrize("kind", KINDS)
def test_networks_refuse_what_does_not_fit_in_their_own_name(kind: str) -> None:
    network = NETWORKS[kind](3, 5, num_layers=2)
    with pytest.raises(ShapeError, match=rf"^{kind}: X is \(4, 3\)\. Expected \(time >= 1, batch >= 1, inp"):
        network(init.ones(4, 3))
    with pytest.raises(
        ShapeError, match=rf"^{kind}: X is \(4, 2, 5\)\. Expected .*, input_size = 3\)\. See "
    ):
        network(init.ones(4, 2, 5))
    with pytest.raises(ShapeError, match=rf"^{kind}: X is \(0, 2, 3\)\. Expected \(time >= 1, "):
        network(init.ones(0, 2, 3))
    for shape in ((2, 3, 5), (1, 2, 5), (2, 2, 4), (2, 5)):
        wrong = init.ones(*shape)
        expected = r"\(num_layers = 2, batch = 2, hidden_size = 5\)"
        found = ", ".join(map(str, shape))
        with pytest.raises(ShapeError, match=rf"^{kind}: h0 is \({found}\)\. Expected {expected}\. See "):
            network(init.ones(4, 2, 3), (wrong, wrong) if kind == "LSTM" else wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_refuse_what_does_not_fit_in_their_own_name(kind: str) -> None:
    cell, name = CELLS[kind](3, 5), f"{kind}Cell"
    first = "h0" if kind == "LSTM" else "h"
    with pytest.raises(
        ShapeError, match=rf"^{name}: X is \(2, 5\)\. Expected \(batch >= 1, input_size = 3\)\. "
    ):
        cell(init.ones(2, 5))
    wrong = init.ones(1, 5)
    expected = r"\(batch = 2, hidden_size = 5\)"
    with pytest.raises(ShapeError, match=rf"^{name}: {first} is \(1, 5\)\. Expected {expected}\. See "):
        cell(init.ones(2, 3), (wrong, wrong) if kind == "LSTM" else wrong)


def test_an_lstm_refuses_a_memory_that_does_not_fit_its_state() -> None:
    fitting, wrong = init.ones(1, 2, 5), init.ones(2, 2, 5)
    with pytest.raises(
        ShapeError, match=r"^LSTM: c0 is \(2, 2, 5\)\. Expected \(num_layers = 1, batch = 2, "
    ):
        nn.LSTM(3, 5)(init.ones(4, 2, 3), (fitting, wrong))
    with pytest.raises(ShapeError, match=r"^LSTMCell: c0 is \(2, 2, 5\)\. Expected \(batch = 2, "):
        nn.LSTMCell(3, 5)(init.ones(2, 3), (init.ones(2, 5), wrong))


def test_an_rnn_refuses_the_state_of_an_lstm() -> None:
    h = init.ones(1, 2, 5)
    with pytest.raises(ShapeError, match=r"^RNN: h0 is a tuple\. Expected \(num_layers = 1, batch = 2, "):
        nn.RNN(3, 5)(init.ones(4, 2, 3), (h, h))


def test_an_rnn_refuses_a_nonlinearity_that_it_does_not_know() -> None:
    with pytest.raises(
        SettingError, match=r"^RNNCell: found nonlinearity 'sigmoid'\. Expected 'tanh' or 'relu'"
    ):
        nn.RNN(3, 5, nonlinearity="sigmoid")


@quickly
@given(shape=st.lists(few, max_size=3).map(tuple), words=st.integers(1, 5), dim=few, seed=seeds)
def test_embedding_is_pytorchs(shape: tuple[int, ...], words: int, dim: int, seed: int) -> None:
    ours = nn.Embedding(words, dim, dtype=FLOAT)
    theirs = torch.nn.Embedding(words, dim, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(ours.weight.numpy()))
    tokens = np.random.default_rng(seed).integers(0, words, shape)
    found, expected = ours(Tensor(tokens, dtype=FLOAT, requires_grad=False)), theirs(torch.tensor(tokens))
    close(found, expected)
    out_grad = numbers((*shape, dim), seed)
    found.backward(Tensor(out_grad))
    expected.backward(torch.tensor(out_grad))
    close(ours.weight.grad, theirs.weight.grad)


def test_embedding_draws_its_weight_from_the_normal_distribution() -> None:
    np.random.seed(5)
    embedding = nn.Embedding(7, 3)
    np.random.seed(5)
    np.testing.assert_array_equal(embedding.weight.numpy(), init.randn(7, 3).numpy())
    assert isinstance(embedding.weight, nn.Parameter)
    assert embedding.weight.dtype == "float32"


@pytest.mark.parametrize("token", [7, -1, 0.5, float("nan")])
def test_embedding_refuses_what_is_no_token_of_its_vocabulary(token: float) -> None:
    with pytest.raises(
        LabelError,
        match=rf"^Embedding: found the token {token:g}\. Expected whole numbers from 0 to 6, as num_",
    ):
        nn.Embedding(7, 3)(Tensor([[1, 2], [token, 3]]))
