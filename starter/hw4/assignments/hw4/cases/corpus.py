import tempfile
from pathlib import Path

import numpy as np

from grader import case
from needle.data import Corpus

SPACES = (" ", "  ", " \t")


def text(rng, lines, words):
    """Return lines of up to 4 words of so many, some of them empty."""
    made = []
    for length in rng.integers(0, 5, size=lines):
        drawn = [f"W{at}" if at % 3 else f"w{at // 3}" for at in rng.integers(0, words, size=length)]
        made.append(SPACES[length % 3] + SPACES[(length + 1) % 3].join(drawn))
    return "\n".join(["w0", *made]) + "\n"


def corpus(train, test, **settings):
    """Return what a corpus of these two texts holds, and it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "train.txt").write_text(train, encoding="utf-8")
        Path(folder, "test.txt").write_text(test, encoding="utf-8")
        made = Corpus(folder, **settings)
        again = made.tokenize(Path(folder, "test.txt"), 2)
    numbers = {"train": made.train, "test": made.test, "again": again}
    arrays = {name: np.array(found, dtype=np.int64) for name, found in numbers.items()}
    return {**arrays, "words": list(made.dictionary.idx2word)}


@case()
def whole_texts(rng):
    return corpus(text(rng, 6, 12), text(rng, 4, 12))


@case()
def the_first_lines(rng):
    return corpus(text(rng, 7, 40), text(rng, 5, 60), max_lines=4)
