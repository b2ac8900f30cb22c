"""Language models beside PyTorch's, in training and by themselves, and what is refused in words."""

import gc
import math
from typing import Any

import numpy as np
import pytest
from backend_tested import CURVED, FLOAT, assert_close
from language_model import LanguageModel
from train_ptb import epoch_general_ptb, evaluate_ptb, train_ptb

import needle as ndl
from needle import nn
from needle.errors import LabelError, SettingError, ShapeError

KINDS = ("rnn", "lstm", "gru", "transformer")
VOCABULARY, COLUMNS, STEPS = 11, 3, 4


def text(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, VOCABULARY, (rows, COLUMNS)).astype(FLOAT)


def words(rows: int) -> ndl.Tensor:
    return ndl.Tensor(text(rows), requires_grad=False)


def model_of(kind: str, embedding: int = 5, hidden: int = 6, layers: int = 2) -> LanguageModel:
    np.random.seed(2)
    return LanguageModel(embedding, VOCABULARY, hidden, layers, kind, seq_len=STEPS, dtype=FLOAT)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_the_linear_layers_of_the_sequence_models_of_the_embedding(kind: str) -> None:
    model = model_of(kind)
    logits, h = model(words(4))
    features, expected = model.seq_model(model.embedding(words(4)), None)
    rows = features.reshape((4 * COLUMNS, features.shape[2]))
    assert_close(logits.numpy(), model.linear(rows).numpy())
    for found, state in zip(
        *(one if isinstance(one, tuple) else (one,) for one in (h, expected)), strict=True
    ):
        assert_close(found.numpy(), state.numpy())


def test_a_transformer_returns_as_many_features_as_it_gets() -> None:
    assert model_of("transformer").linear.weight.shape == (5, VOCABULARY)
    assert model_of("gru").linear.weight.shape == (6, VOCABULARY)


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(
        SettingError, match=r"LanguageModel: found seq_model 'ltsm'\. Expected one of 'rnn', "
    ):
        LanguageModel(2, 3, 4, seq_model="ltsm")


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_another_dictionary_are_refused(kind: str) -> None:
    with pytest.raises(LabelError, match=rf"Embedding: .* {VOCABULARY}\. .* to {VOCABULARY - 1}"):
        model_of(kind)(ndl.Tensor([[0.0], [VOCABULARY]], requires_grad=False))


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_state_of_another_batch_is_refused(kind: str) -> None:
    model = model_of(kind)
    _, h = model(words(2))
    with pytest.raises(ShapeError, match=kind.upper()):
        model(ndl.Tensor(text(2)[:, :2], requires_grad=False), h)


def test_a_sequence_longer_than_a_transformers_places_is_refused() -> None:
    with pytest.raises(ShapeError, match=rf"Transformer: .*{STEPS + 1} places.* {STEPS}"):
        model_of("transformer")(words(STEPS + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_stays_as_large_and_the_state_has_none(kind: str) -> None:
    counted, alive = [], []

    class Counting(nn.SoftmaxLoss):
        def forward(self, logits: ndl.Tensor, y: ndl.Tensor) -> ndl.Tensor:
            counted.append(len(ndl.autograd.find_topo_sort([logits])))
            alive.append(ndl.autograd.TENSOR_COUNTER)
            return super().forward(logits, y)

    model = model_of(kind)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    gc.collect()  # else what other tests left could go meanwhile
    epoch_general_ptb(text(6 * STEPS + 1), model, STEPS, Counting(), opt, 0.25, dtype=FLOAT)
    assert counted[1:] == [counted[1]] * 5
    assert alive[2:] == [alive[2]] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_training_reads_a_text_that_repeats_itself_until_each_kind_knows_it(kind: str) -> None:
    turns = np.array([[(row + 3 * column) % 6 for column in range(2)] for row in range(25)], dtype=FLOAT)
    np.random.seed(0)
    model = LanguageModel(8, 6, 8, 1, kind, seq_len=6, dtype=FLOAT)
    before, _ = evaluate_ptb(model, turns, 6, dtype=FLOAT)
    accuracy, loss = train_ptb(model, turns, 6, 12, ndl.optim.Adam, 0.03, clip=1.0, dtype=FLOAT)
    assert before < 0.5
    assert accuracy > 0.95
    assert loss < 0.5
    assert evaluate_ptb(model, turns, 6, dtype=FLOAT)[0] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_goes_as_pytorchs_from_the_same_weights(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what trainings are compared with")
    data = text(14)
    import pytorch_language_model

    ours = model_of(kind)
    theirs = pytorch_language_model.LanguageModel(ours, kind).double()
    opt = torch.optim.SGD(theirs.parameters(), lr=0.5)
    expected = [pytorchs_epoch(torch, theirs, data, opt) for _ in range(3)]
    own = ndl.optim.SGD(ours.parameters(), lr=0.5)
    found = [epoch_general_ptb(data, ours, STEPS, opt=own, clip=0.6, dtype=FLOAT)[1] for _ in range(3)]
    assert_close(np.array(found), np.array(expected), CURVED)


def pytorchs_epoch(torch: Any, model: Any, data: np.ndarray, opt: Any) -> float:
    """Train for an epoch as truncated backpropagation through time has it, and return the mean loss."""
    whole, h = torch.from_numpy(data).long(), None
    losses = []
    for start in range(0, len(data) - 1, STEPS):
        x = whole[start : start + STEPS][: len(data) - 1 - start]
        y = whole[start + 1 : start + 1 + len(x)].reshape(-1)
        logits, h = model(x, h)
        loss = torch.nn.functional.cross_entropy(logits, y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.6)
        opt.step()
        losses.append((loss.item(), len(y)))
    return math.fsum(loss * count for loss, count in losses) / sum(count for _, count in losses)
