"""Let a trained language model write: `python apps/generate.py --checkpoint lstm.safetensors --words 100`."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from language_model import LanguageModel
from reading import CachedReader, CarriedReader
from train_language_model import corpus_of, model_of, options_of_text, ptb_folder

import needle as ndl
from needle.errors import NeedleError


def generate(
    model: LanguageModel, prompt: Sequence[int], temperature: float, rng: np.random.Generator
) -> Iterator[int]:
    """Yield words without end: each drawn from what the model says of the text so far, and then read.

    A word of logit z is drawn in proportion to exp(z / temperature); with the temperature 0 it is always the
    likeliest one. The model is put into evaluation mode, its parameters need no gradient any more, and a
    Transformer is made one that remembers.
    """
    model.eval()
    for param in model.parameters():
        param.requires_grad = False
    transformer = isinstance(model.seq_model, ndl.nn.Transformer)
    reader = CachedReader(model) if transformer else CarriedReader(model)
    words = list(prompt)
    while True:
        with ndl.first_order():
            logits = reader.read(words)
        words = [_drawn(logits, temperature, rng)]
        yield from words


def _drawn(logits: np.ndarray, temperature: float, rng: np.random.Generator) -> int:
    if temperature == 0:
        return int(logits.argmax())
    scaled = (logits - logits.max()).astype(np.float64) / temperature
    bounds = np.cumsum(np.exp(scaled))
    return int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right"))


def numbers_of(prompt: str, dictionary: ndl.data.Dictionary) -> list[int]:
    """Return the words of a prompt as numbers, after the end of a sentence.

    Raises: SystemExit for a word that is not in the dictionary.
    """
    words = ["<eos>", *prompt.split()]
    unknown = [word for word in words if word not in dictionary.word2idx]
    if unknown:
        raise SystemExit(
            f"--prompt: found {unknown[0]!r}, which is no word of the text. Expected words of it. "
            "Write them in lower case, numbers as N, and rare words as <unk>."
        )
    return [dictionary.word2idx[word] for word in words]


def load_weights(model: LanguageModel, path: Path) -> None:
    """Put the weights of a checkpoint into a model. Raises: SystemExit, in words, where they do not fit."""
    try:
        state = ndl.load(path)
        weights = {name: tensor for name, tensor in state.items() if name.startswith("model.")}
        model.load_state_dict({name.removeprefix("model."): one for name, one in weights.items()})
    except FileNotFoundError:
        raise SystemExit(
            f"{path}: not found. Expected a checkpoint of train_language_model.py. Train one first, with "
            "--checkpoint."
        ) from None
    except NeedleError as error:
        raise SystemExit(f"{path}: {error} Was it trained with this --model and these --max-lines?") from None


def main() -> None:
    parser = argparse.ArgumentParser(description="Let a trained language model write a text.")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", required=True)
    options_of_text(parser)
    parser.add_argument("--prompt", default="", help="the words with which the text begins")
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--temperature", type=float, default=1.0, help="0: always the likeliest word")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    dictionary = corpus_of(options, ptb_folder()).dictionary
    model = model_of(options.model, len(dictionary))
    load_weights(model, options.checkpoint)
    prompt = numbers_of(options.prompt, dictionary)
    words = generate(model, prompt, options.temperature, np.random.default_rng(options.seed))
    print(options.prompt, end="")
    for _, word in zip(range(options.words), words, strict=False):
        said = dictionary.idx2word[word]
        print("\n" if said == "<eos>" else f" {said}", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
