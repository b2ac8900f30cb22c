"""A stand-in for the preprocessed Penn Treebank: sentences of a small grammar in the published file format.

A few English words hold the sentences together; the others are invented. Nouns, verbs and names follow
Zipf's law and a topic that a sentence keeps to, and subjects agree with their verbs, so that a language
model has something to learn. The text has 9,999 different words; readers add <eos> at the end of each line.
The numbers come from NumPy's PCG64 generator with a fixed seed, so every run writes the same text.
"""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np

SEED = 20_240_904
LINES = {"train": 42_068, "valid": 3_370, "test": 3_761}
WORDS = 9_999
LONGEST = 80  # words in a sentence
TOPICS = 24
ON_TOPIC = 0.6
UNKNOWN = 0.1  # share of the open classes' words that are shown as <unk>

# What each symbol may become, with weights. What is no key is a word, or a class of words if in capitals.
GRAMMAR: dict[str, list[tuple[float, str]]] = {
    "sentence": [
        (10, "clause"),
        (4, "clause and clause"),
        (3, "clause but clause while clause"),
        (3, "NAME said clause and clause"),
        (2, "ADVERB clause because clause"),
        (2, "in N clause and clause NAME said"),
    ],
    "clause": [(3, "one does"), (2, "many do"), (1, "he does"), (0.7, "they do"), (0.5, "it does")],
    "one": [
        (5, "the noun"),
        (3, "a noun"),
        (3, "NAME"),
        (2, "mr. NAME"),
        (1, "NAME 's noun"),
        (2, "the noun of thing"),
        (1, "a noun from thing"),
        (1, "the noun that does"),
    ],
    "many": [
        (4, "the nouns"),
        (2, "N nouns"),
        (2, "some nouns"),
        (2, "many nouns in thing"),
        (1, "the nouns that do"),
    ],
    "thing": [(5, "one"), (3, "many"), (0.7, "$ N million"), (0.4, "it"), (0.4, "them")],
    "noun": [(5, "NOUN"), (3, "ADJECTIVE NOUN"), (0.4, "ADJECTIVE and ADJECTIVE NOUN"), (1.2, "NOUN NOUN")],
    "nouns": [(5, "NOUNS"), (3, "ADJECTIVE NOUNS"), (1, "NOUN NOUNS")],
    "does": [
        (4, "SINGULAR thing where"),
        (4, "PAST thing where"),
        (2, "is ADJECTIVE"),
        (2, "has PAST thing where"),
        (2, "will PLURAL thing where"),
        (1, "PAST N % to N %"),
        (0.7, "is n't PAST where"),
    ],
    "do": [
        (4, "PLURAL thing where"),
        (4, "PAST thing where"),
        (2, "are ADJECTIVE"),
        (2, "have PAST thing where"),
        (2, "would PLURAL thing where"),
        (1, "PAST N % where"),
    ],
    "where": [
        (4, "in thing"),
        (3, "for thing"),
        (2, "of thing"),
        (2, "on thing"),
        (2, "with thing"),
        (1.5, "at thing"),
        (1.5, "from thing to thing"),
        (2, "by thing where"),
        (3, "ADVERB"),
        (2, "last year"),
    ],
}
# How many stems each open class has, and the classes that a stem's endings belong to; names fill up the rest.
STEMS: list[tuple[int, dict[str, str]]] = [
    (1_900, {"NOUN": "", "NOUNS": "s"}),
    (750, {"PLURAL": "", "SINGULAR": "s", "PAST": "ed"}),
    (1_400, {"ADJECTIVE": "ish"}),
    (250, {"ADVERB": "ly"}),
]


def closed_words() -> list[str]:
    """List the words that the grammar itself names."""
    symbols = {symbol for choices in GRAMMAR.values() for _, text in choices for symbol in text.split()}
    return ["<unk>", *sorted(word for word in symbols - GRAMMAR.keys() if word == "N" or not word.isupper())]


def invent(count: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    """Invent words of two or three open syllables and a closing letter."""
    words: list[str] = []
    while len(words) < count:
        size = rng.integers(2, 4)
        syllables = zip(rng.choice(list("bdfgklmnprtvz"), size), rng.choice(list("aeiou"), size), strict=True)
        word = "".join(map("".join, syllables)) + rng.choice(["n", "r", "l", "m", "rt", "nd"])
        if word not in taken:
            taken.add(word)
            words.append(str(word))
    return words


def vocabulary(rng: np.random.Generator) -> dict[str, list[str]]:
    """Invent the words of every open class, WORDS in all with the closed ones."""
    taken = set(closed_words())
    classes: dict[str, list[str]] = {}
    for count, endings in STEMS:
        stems = invent(count, taken, rng)
        classes |= {name: [stem + ending for stem in stems] for name, ending in endings.items()}
    rest = WORDS - len(closed_words()) - sum(map(len, classes.values()))
    return classes | {"NAME": invent(rest, taken, rng)}


class Choices:
    """The grammar with its weights summed up, ready to be drawn from."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.expansions = {key: [text.split()[::-1] for _, text in rule] for key, rule in GRAMMAR.items()}
        self.bounds = {key: list(accumulate(weight for weight, _ in rule)) for key, rule in GRAMMAR.items()}
        self.ready = iter(())

    def uniform(self) -> float:
        """Draw one number; the generator is asked for many at once because a call is slow."""
        number = next(self.ready, None)
        if number is None:
            self.ready = iter(self.rng.random(100_000).tolist())
            number = next(self.ready)
        return number

    def sentence(self) -> list[str]:
        """Expand one sentence into words and classes of words; too long a one is drawn again."""
        stack, out = ["sentence"], []
        while stack:
            symbol = stack.pop()
            if symbol not in self.bounds:
                out.append(symbol)
                continue
            bounds = self.bounds[symbol]
            stack += self.expansions[symbol][bisect_right(bounds, self.uniform() * bounds[-1])]
        return out if len(out) <= LONGEST else self.sentence()


def zipf_ranks(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ranks below size, each about in proportion to 1 / (rank + 3)."""
    bounds = np.cumsum(1 / (np.arange(size) + 3))
    return np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")


def fill_in(
    words: np.ndarray, classes: dict[str, list[str]], topics: np.ndarray, rng: np.random.Generator
) -> None:
    """Put a word in each place that names a class, in place.

    Shapes: words (tokens), topics (tokens)
    """
    for name, choices in classes.items():
        places = np.flatnonzero(words == name)
        ranks = zipf_ranks(len(choices), len(places), rng)
        shared = rng.random(len(places)) > ON_TOPIC
        topical = zipf_ranks(len(choices) // TOPICS, len(places), rng) * TOPICS + topics[places]
        words[places] = np.array(choices, dtype=object)[np.where(shared, ranks, topical)]
        words[places[rng.random(len(places)) < UNKNOWN]] = "<unk>"


def show_all(words: np.ndarray, classes: dict[str, list[str]], rng: np.random.Generator) -> None:
    """Give each word that was never drawn the place of a common one of its class, in place."""
    seen = set(words.tolist())
    for choices in classes.values():
        unseen = [word for word in choices if word not in seen]
        places = np.flatnonzero(words == choices[0])
        words[rng.choice(places[1:], len(unseen), replace=False)] = np.array(unseen, dtype=object)


def text(lines: int, classes: dict[str, list[str]], rng: np.random.Generator, complete: bool) -> str:
    """Compose lines of text, each between two spaces as published; a complete text has every word."""
    grammar = Choices(rng)
    sentences = [grammar.sentence() for _ in range(lines)]
    lengths = np.array([len(sentence) for sentence in sentences])
    words = np.array([word for sentence in sentences for word in sentence], dtype=object)
    fill_in(words, classes, np.repeat(rng.integers(TOPICS, size=lines), lengths), rng)
    if complete:
        show_all(words, classes, rng)
    return "".join(f" {' '.join(line)} \n" for line in np.split(words, np.cumsum(lengths)[:-1]))


def write(folder: Path) -> None:
    """Write train.txt, valid.txt and test.txt."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    classes = vocabulary(rng)
    for part, lines in LINES.items():
        (folder / f"{part}.txt").write_bytes(
            text(lines, classes, rng, complete=part == "train").encode("ascii")
        )
