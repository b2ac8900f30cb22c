"""Text from a language model: what was read is remembered, and gives what reading it again would."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from backend_tested import FLOAT, assert_close
from generate import generate, load_weights, numbers_of
from language_model import LanguageModel
from reading import CachedReader, CarriedReader

import needle as ndl

KINDS = ("rnn", "lstm", "gru", "transformer")
VOCABULARY, PLACES = 9, 8


def model_of(kind: str) -> LanguageModel:
    np.random.seed(3)
    return LanguageModel(6, VOCABULARY, 7, 2, kind, seq_len=PLACES, dtype=FLOAT)


def read_at_once(kind: str, words: list[int]) -> np.ndarray:
    """Return the logits after some words, of a model that reads them all at once."""
    x = ndl.Tensor([[word] for word in words], dtype=FLOAT, requires_grad=False)
    return model_of(kind)(x)[0].numpy()[-1]


def likeliest(kind: str, words: list[int], count: int) -> list[int]:
    """Write some words, each the likeliest one, by reading all of the text again for each."""
    text = list(words)
    for _ in range(count):
        text.append(int(read_at_once(kind, text).argmax()))
    return text[len(words) :]


@pytest.mark.parametrize("kind", KINDS)
def test_reading_on_gives_the_logits_of_reading_all_at_once(kind: str) -> None:
    reader = (CachedReader if kind == "transformer" else CarriedReader)(model_of(kind))
    words = [1, 5, 0, 3, 3, 8, 2]
    for start, end in ((0, 3), (3, 4), (4, 6), (6, 7)):
        assert_close(reader.read(words[start:end]), read_at_once(kind, words[:end]))


@pytest.mark.parametrize("kind", KINDS)
def test_with_and_without_what_is_remembered_the_same_words_are_written(kind: str) -> None:
    written = generate(model_of(kind), [2, 7], 0, np.random.default_rng(0))
    assert [*islice(written, PLACES - 2)] == likeliest(kind, [2, 7], PLACES - 2)


def test_a_transformer_whose_places_are_full_goes_on_from_the_last_half_of_them() -> None:
    reader = CachedReader(model_of("transformer"))
    text = [1, 5, 0, 3, 3, 8, 2, 4, 6]
    for word in text:
        logits = reader.read([word])
    assert reader.words == text[-PLACES // 2 :]
    assert_close(logits, read_at_once("transformer", text[-PLACES // 2 :]))
    assert_close(reader.read([7]), read_at_once("transformer", [*text[-PLACES // 2 :], 7]))


def test_a_prompt_longer_than_a_transformers_places_is_cut_to_its_end() -> None:
    prompt = [word % VOCABULARY for word in range(3 * PLACES)]
    logits = CachedReader(model_of("transformer")).read(prompt)
    assert_close(logits, read_at_once("transformer", prompt[-PLACES // 2 :]))


@pytest.mark.parametrize("kind", KINDS)
def test_writing_keeps_no_graph(kind: str) -> None:
    written = generate(model_of(kind), [2], 1.0, np.random.default_rng(0))
    alive = []
    for _ in islice(written, PLACES - 2):
        alive.append(ndl.autograd.TENSOR_COUNTER)
    assert alive[1:] == [alive[1]] * (len(alive) - 1)


def test_the_same_seed_writes_the_same_words_and_another_one_others() -> None:
    once, again, other = (
        [*islice(generate(model_of("gru"), [0], 1.0, np.random.default_rng(seed)), 12)] for seed in (5, 5, 6)
    )
    assert once == again
    assert once != other


def test_words_are_drawn_as_often_as_the_softmax_of_their_logits_says() -> None:
    model = model_of("rnn")
    model.linear.weight.data = ndl.Tensor(np.zeros(model.linear.weight.shape), dtype=FLOAT)
    bias = np.zeros((1, VOCABULARY))
    bias[0, :2] = np.log(6), np.log(3)  # of 6 + 3 + 7 parts
    model.linear.bias.data = ndl.Tensor(bias, dtype=FLOAT)
    drawn = [*islice(generate(model, [0], 1.0, np.random.default_rng(1)), 200)]
    assert drawn.count(0) / 200 == pytest.approx(6 / 16, abs=0.08)
    assert drawn.count(1) / 200 == pytest.approx(3 / 16, abs=0.08)
    cold = [*islice(generate(model, [0], 0.25, np.random.default_rng(1)), 100)]
    assert cold.count(0) / 100 == pytest.approx(6**4 / (6**4 + 3**4 + 7), abs=0.05)


def test_a_prompt_begins_a_sentence_and_unknown_words_are_refused() -> None:
    dictionary = ndl.data.Dictionary()
    for word in ("the", "<eos>", "cat"):
        dictionary.add_word(word)
    assert numbers_of("the cat", dictionary) == [1, 0, 2]
    with pytest.raises(SystemExit, match=r"--prompt: found 'Cat', which is no word of the text"):
        numbers_of("the Cat", dictionary)


def test_weights_of_a_file_that_does_not_fit_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with pytest.raises(SystemExit, match=r"not found\. Expected a checkpoint of train_language_model"):
        load_weights(model_of("rnn"), path)
    state = {f"model.{name}": tensor for name, tensor in model_of("lstm").state_dict().items()}
    ndl.save(state, path)
    with pytest.raises(SystemExit, match="Was it trained with this --model"):
        load_weights(model_of("rnn"), path)
    model = model_of("lstm")
    for param in model.parameters():
        param.data = ndl.Tensor(np.zeros(param.shape), dtype=FLOAT)
    load_weights(model, path)
    assert_close(model.linear.weight.numpy(), model_of("lstm").linear.weight.numpy())
