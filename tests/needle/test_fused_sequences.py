"""Layers that one kernel computes give what the methods give whose place they take."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from backend_tested import assert_close, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, first_order, init, nn, optim
from needle.autograd import find_topo_sort
from needle.backend_selection import default_device
from needle.errors import GradientError, LabelError, ShapeError
from needle.fused import composed

pytestmark = pytest.mark.skipif(
    not hasattr(getattr(default_device(), "fast", None), "attention"),
    reason="the default device has no kernels of whole layers",
)

few = st.sampled_from([1, 2, 3, 5])
sizes = st.sampled_from([1, 2, 3, 7, 16, 17, 33])
seeds = st.integers(0, 1000)
TOLERANCE = 1e-4  # of single precision, where long sums run in another order


def tensor(rng: np.random.Generator, *shape: int, requires_grad: bool = True) -> Tensor:
    return Tensor(rng.normal(size=shape), dtype="float32", requires_grad=requires_grad)


def whole_numbers(rng: np.random.Generator, below: int, *shape: int) -> Tensor:
    return Tensor(rng.integers(0, below, shape), dtype="float32", requires_grad=False)


def flat(made: Any) -> list[Tensor]:
    """Return the tensors of an outcome such as (output, (h_n, c_n))."""
    return [one for part in made for one in flat(part)] if isinstance(made, tuple) else [made]


def is_fused(output: Tensor) -> bool:
    return any(hasattr(node.op, "pull_back") for node in find_topo_sort([output]))


def values_and_gradients(
    call: Callable[[], Any], leaves: Sequence[Tensor], fused: bool
) -> list[np.ndarray | None]:
    for leaf in leaves:
        leaf.grad = None
    with first_order():
        outputs = flat(call())
        assert is_fused(outputs[0]) == fused
        rng = np.random.default_rng(1)
        parts = [(one * tensor(rng, *one.shape, requires_grad=False)).sum() for one in outputs]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        total.backward()
    return [one.numpy() for one in outputs] + [leaf.grad and leaf.grad.numpy() for leaf in leaves]


def assert_as_composed(call: Callable[[], Any], *leaves: Tensor) -> None:
    """Compare outputs and the gradients of leaves with those of the taught method."""
    found = values_and_gradients(call, leaves, fused=True)
    with composed():
        expected = values_and_gradients(call, leaves, fused=False)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert_close(ours, theirs, TOLERANCE)


@quickly
@given(rows=sizes, classes=sizes, seed=seeds)
def test_the_fused_loss_and_its_gradient_are_the_composed_ones(rows: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = tensor(rng, rows, classes), whole_numbers(rng, classes, rows)
    assert_as_composed(lambda: nn.SoftmaxLoss()(logits, labels), logits)


def test_labels_that_could_have_a_gradient_get_none_from_the_fused_loss() -> None:
    logits, labels = Tensor(np.ones((2, 3)), dtype="float32"), Tensor([0, 2], dtype="float32")
    with first_order():
        nn.SoftmaxLoss()(logits, labels).backward()
    assert labels.grad is None


@pytest.mark.parametrize(("label", "shown"), [(3, "3"), (-1, "-1"), (0.5, "0.5")])
def test_the_fused_loss_refuses_a_label_in_the_composed_ones_words(label: float, shown: str) -> None:
    logits, labels = Tensor(np.ones((2, 3)), dtype="float32"), Tensor([0, label], dtype="float32")
    with (
        first_order(),
        pytest.raises(LabelError, match=rf"label {shown}\. Expected whole numbers from 0 to 2"),
    ):
        nn.SoftmaxLoss()(logits, labels)


def test_the_fused_loss_refuses_more_labels_than_rows() -> None:
    logits, labels = Tensor(np.ones((2, 3)), dtype="float32"), Tensor([0, 1, 2, 0], dtype="float32")
    with first_order(), pytest.raises(ShapeError, match=r"\(2, 3\).*\(4, 3\)"):
        nn.SoftmaxLoss()(logits, labels)


@quickly
@given(words=sizes, size=sizes, shape=st.lists(few, max_size=3).map(tuple), seed=seeds)
def test_a_fused_embedding_and_its_gradient_are_the_composed_ones(
    words: int, size: int, shape: tuple[int, ...], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    layer, tokens = nn.Embedding(words, size), whole_numbers(rng, words, *shape)
    assert_as_composed(lambda: layer(tokens), layer.weight)


def test_a_fused_embedding_takes_tokens_that_were_turned() -> None:
    layer = nn.Embedding(9, 4)
    tokens = whole_numbers(np.random.default_rng(0), 9, 3, 5)
    with first_order():
        found = layer(tokens.transpose((0, 1)))
    np.testing.assert_array_equal(found.numpy(), layer.weight.numpy()[tokens.numpy().T.astype(int)])


def test_a_fused_embedding_refuses_a_token_in_its_layers_words() -> None:
    with first_order(), pytest.raises(LabelError, match=r"Embedding: found the token 7\. Expected"):
        nn.Embedding(7, 2)(Tensor([0, 7], dtype="float32"))


@quickly
@given(rows=sizes, size=sizes, seed=seeds)
def test_fused_layer_norm_and_its_gradients_are_the_composed_ones(rows: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layer, x = nn.LayerNorm1d(size, eps=0.1), tensor(rng, rows, size)
    layer.weight.data, layer.bias.data = tensor(rng, size), tensor(rng, size)
    assert_as_composed(lambda: layer(x), x, *layer.parameters())


@quickly
@given(leading=st.lists(few, max_size=2), last=st.lists(few, min_size=1, max_size=2), seed=seeds)
def test_fused_layer_norm_over_several_axes_is_the_composed_one(
    leading: list[int], last: list[int], seed: int
) -> None:
    layer, x = nn.LayerNorm(tuple(last), eps=0.1), tensor(np.random.default_rng(seed), *leading, *last)
    assert_as_composed(lambda: layer(x), x, *layer.parameters())


@quickly
@given(leading=st.lists(sizes, min_size=1, max_size=3), size=sizes, out=sizes, bias=st.booleans(), seed=seeds)
def test_a_fused_linear_layer_and_its_gradients_are_the_composed_ones(
    leading: list[int], size: int, out: int, bias: bool, seed: int
) -> None:
    layer, x = nn.Linear(size, out, bias), tensor(np.random.default_rng(seed), *leading[:2], size)
    assert_as_composed(lambda: layer(x), x, *layer.parameters())


def test_a_fused_linear_layer_takes_a_bias_without_its_first_axis_and_data_without_gradient() -> None:
    layer, x = nn.Linear(3, 4), tensor(np.random.default_rng(0), 5, 3, requires_grad=False)
    layer.bias.data = Tensor([1, 2, 3, 4], dtype="float32")
    assert_as_composed(lambda: layer(x), x, *layer.parameters())


@quickly
@given(
    steps=few, batch=sizes, size=few, hidden=sizes, layers=st.integers(1, 3), bias=st.booleans(), seed=seeds
)
def test_fused_recurrent_layers_and_their_gradients_are_the_composed_ones(
    steps: int, batch: int, size: int, hidden: int, layers: int, bias: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, h, c = tensor(rng, steps, batch, size), *(tensor(rng, layers, batch, hidden) for _ in "hc")
    lstm, gru = nn.LSTM(size, hidden, layers, bias), nn.GRU(size, hidden, layers, bias)
    for nonlinearity in ("tanh", "relu"):
        rnn = nn.RNN(size, hidden, layers, bias, nonlinearity)
        assert_as_composed(partial(rnn, x, h), x, h, *rnn.parameters())
        assert_as_composed(lambda rnn=rnn: rnn(x)[0], x, *rnn.parameters())
    assert_as_composed(lambda: lstm(x, (h, c)), x, h, c, *lstm.parameters())
    assert_as_composed(lambda: lstm(x)[0], x, *lstm.parameters())
    assert_as_composed(lambda: gru(x, h), x, h, *gru.parameters())
    assert_as_composed(lambda: gru(x)[0], x, *gru.parameters())


@quickly
@given(batch=sizes, size=few, hidden=sizes, bias=st.booleans(), seed=seeds)
def test_fused_recurrent_cells_and_their_gradients_are_the_composed_ones(
    batch: int, size: int, hidden: int, bias: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, h, c = tensor(rng, batch, size), tensor(rng, batch, hidden), tensor(rng, batch, hidden)
    lstm, gru = nn.LSTMCell(size, hidden, bias), nn.GRUCell(size, hidden, bias)
    for nonlinearity in ("tanh", "relu"):
        rnn = nn.RNNCell(size, hidden, bias, nonlinearity)
        assert_as_composed(partial(rnn, x, h), x, h, *rnn.parameters())
        assert_as_composed(partial(rnn, x), x, *rnn.parameters())
    assert_as_composed(lambda: lstm(x, (h, c)), x, h, c, *lstm.parameters())
    assert_as_composed(lambda: lstm(x), x, *lstm.parameters())
    assert_as_composed(lambda: gru(x, h), x, h, *gru.parameters())
    assert_as_composed(lambda: gru(x), x, *gru.parameters())


def test_a_fused_lstm_takes_weights_that_were_replaced_by_tensors() -> None:
    layer, x = nn.LSTM(2, 3), tensor(np.random.default_rng(0), 4, 2, 2)
    cell = layer.lstm_cells[0]
    cell.W_hh = Tensor(np.arange(36).reshape(12, 3) / 36, dtype="float32").transpose()
    assert_as_composed(lambda: layer(x), x, cell.W_ih)


@pytest.mark.parametrize("layer", [nn.RNN(3, 4, 2), nn.LSTM(3, 4, 2), nn.GRU(3, 4, 2)])
def test_a_fused_recurrent_layer_refuses_a_state_of_another_batch_in_the_layers_words(
    layer: nn.Module,
) -> None:
    h = init.zeros(2, 6, 4)
    state = (h, h) if isinstance(layer, nn.LSTM) else h
    with first_order(), pytest.raises(ShapeError, match=rf"{type(layer).__name__}: h0 is \(2, 6, 4\)"):
        layer(init.zeros(7, 5, 3), state)


@quickly
@given(
    batch=few,
    queries=sizes,
    more=few,
    heads=few,
    size=few,
    causal=st.booleans(),
    seed=seeds,
)
def test_a_fused_attention_layer_and_its_gradients_are_the_composed_ones(
    batch: int, queries: int, more: int, heads: int, size: int, causal: bool, seed: int
) -> None:
    rng, keys = np.random.default_rng(seed), queries + more - 1
    layer = nn.AttentionLayer(4, heads, size, k_features=3, v_features=5, out_features=6, causal=causal)
    q, k, v = tensor(rng, batch, queries, 4), tensor(rng, batch, keys, 3), tensor(rng, batch, keys, 5)
    assert_as_composed(lambda: layer(q, k, v), q, k, v, *layer.parameters())


def test_fused_attention_over_many_tiles_is_the_composed_one() -> None:
    layer, x = nn.AttentionLayer(8, 2, 4), tensor(np.random.default_rng(0), 1, 300, 8)
    assert_as_composed(lambda: layer(x), x, *layer.parameters())


def test_a_fused_transformer_and_its_gradients_are_the_composed_ones() -> None:
    model = nn.Transformer(8, 12, 2, num_head=2, dim_head=4)
    x = tensor(np.random.default_rng(0), 6, 3, 8)
    assert_as_composed(lambda: model(x)[0], x, *model.parameters())


def test_attention_that_drops_probabilities_is_the_composed_one_also_in_first_order() -> None:
    layer, x = nn.AttentionLayer(8, 2, 4, dropout=0.5), tensor(np.random.default_rng(0), 2, 5, 8)
    outputs = []
    for context in (first_order, composed):
        np.random.seed(3)
        with context():
            outputs.append(layer(x).numpy())
    assert_close(*outputs, TOLERANCE)
    layer.eval()
    with first_order():
        kept = layer(x).numpy()
    assert np.abs(kept - outputs[0]).max() > 0.01


def test_another_module_in_the_place_of_attention_is_called() -> None:
    layer, x = nn.AttentionLayer(4, 2, 2), tensor(np.random.default_rng(0), 1, 3, 4)
    layer.attention = lambda q, k, v: (v * 0, None)
    with first_order():
        np.testing.assert_array_equal(layer(x).numpy(), np.zeros((1, 3, 4)))


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_fused_transformer_draws_what_the_composed_one_draws(dropout: float) -> None:
    model = nn.TransformerLayer(8, 2, 4, 6, dropout=dropout)
    x, following = tensor(np.random.default_rng(0), 2, 5, 8), []
    for context in (first_order, composed):
        np.random.seed(3)
        with context():
            model(x)
        following.append(np.random.rand())
    assert following[0] == following[1]


def small_layers() -> list[tuple[Callable[..., Any], list[Tensor]]]:
    """Return layers, each with what it is called with."""
    rng = np.random.default_rng(0)
    return [
        (nn.SoftmaxLoss(), [tensor(rng, 2, 3), whole_numbers(rng, 3, 2)]),
        (nn.Embedding(5, 2), [whole_numbers(rng, 5, 3)]),
        (nn.LayerNorm1d(3), [tensor(rng, 2, 3)]),
        (nn.Linear(3, 2), [tensor(rng, 4, 3)]),
        (nn.RNN(3, 2), [tensor(rng, 4, 2, 3)]),
        (nn.LSTM(3, 2), [tensor(rng, 4, 2, 3)]),
        (nn.GRU(3, 2), [tensor(rng, 4, 2, 3)]),
        (nn.AttentionLayer(4, 2, 2), [tensor(rng, 2, 3, 4)]),
    ]


NAMES = [type(layer).__name__ for layer, _ in small_layers()]


@pytest.mark.parametrize("at", range(len(NAMES)), ids=NAMES)
def test_outside_first_order_no_layer_is_fused(at: int) -> None:
    layer, given = small_layers()[at]
    output = flat(layer(*given))[0]
    assert not is_fused(output)


@pytest.mark.parametrize("at", range(len(NAMES)), ids=NAMES)
def test_a_gradient_asked_outside_first_order_of_what_was_made_inside_is_refused(at: int) -> None:
    layer, given = small_layers()[at]
    with first_order():
        output = flat(layer(*given))[0].sum()
    with pytest.raises(GradientError, match=r"Fused\w+: its gradient is asked outside first_order\(\)"):
        output.backward()


def test_a_language_model_trains_to_the_same_loss_fused_and_composed() -> None:
    rng = np.random.default_rng(0)
    tokens, labels = whole_numbers(rng, 20, 6, 4), whole_numbers(rng, 20, 24)
    losses = []
    for context in (first_order, composed):
        np.random.seed(5)
        parts = nn.Embedding(20, 8), nn.LSTM(8, 9, 2), nn.Linear(9, 20)
        opt = optim.SGD([one for part in parts for one in part.parameters()], lr=1.0)
        with first_order(), context():
            for _ in range(5):
                output, _ = parts[1](parts[0](tokens))
                loss = nn.SoftmaxLoss()(parts[2](output.reshape((24, 9))), labels)
                opt.reset_grad()
                loss.backward()
                opt.step()
                losses.append(loss.numpy())
    assert_close(losses[:5], losses[5:], TOLERANCE)
    assert losses[4] < losses[0]


def reference_model(name: str) -> tuple[Any, list[Any], Callable[..., Any]]:
    """Return a recurrent layer, its parameters as tensors of PyTorch, and a call of PyTorch's layer."""
    torch = pytest.importorskip("torch", reason="PyTorch is what layers are compared with")
    ours = getattr(nn, name)(5, 7, 2)
    theirs = getattr(torch.nn, name)(5, 7, 2).double()
    cells = getattr(ours, f"{name.lower()}_cells")
    with torch.no_grad():
        for layer, cell in enumerate(cells):
            for part, tensor_ in (("ih", cell.W_ih), ("hh", cell.W_hh)):
                getattr(theirs, f"weight_{part}_l{layer}").copy_(torch.tensor(tensor_.numpy().T))
                getattr(theirs, f"bias_{part}_l{layer}").copy_(
                    torch.tensor(getattr(cell, f"bias_{part}").numpy())
                )
    return ours, [*theirs.parameters()], theirs


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_fused_recurrent_layers_are_pytorchs(name: str) -> None:
    import torch

    ours, parameters, theirs = reference_model(name)
    x = tensor(np.random.default_rng(0), 9, 17, 5)
    other = torch.tensor(x.numpy(), dtype=torch.float64, requires_grad=True)
    with first_order():
        output = ours(x)[0]
        (output**2).sum().backward()
    expected = theirs(other)[0]
    (expected**2).sum().backward()
    assert_close(output.numpy(), expected.detach().numpy())
    assert_close(x.grad.numpy(), other.grad.numpy(), TOLERANCE)
    for own, one in zip(ours.parameters(), parameters, strict=True):
        assert_close(own.grad.numpy().T, one.grad.numpy(), TOLERANCE)
