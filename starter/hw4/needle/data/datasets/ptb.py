"""The Penn Treebank: newspaper text as numbers, and cut into batches.

Shapes: T steps of time, B columns of text.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from needle.autograd import Tensor
from needle.backend_selection import Device


class Dictionary:
    """The words of a text, numbered 0, 1, 2, ... in the order in which they were added.

    `word2idx` is a dict from a word to its number, `idx2word` the list of the words; `len` counts them.
    """

    def __init__(self) -> None:
        raise NotImplementedError("not started: hw4/dictionary")

    def add_word(self, word: str) -> int:
        """Return the word's number. A word that is new gets the next one; one that is there keeps its own."""
        raise NotImplementedError("not started: hw4/dictionary")

    def __len__(self) -> int:
        raise NotImplementedError("not started: hw4/dictionary")


class Corpus:
    """A text to train on and one to test on, each a list of the numbers of its words.

    `train` is `tokenize` of the file train.txt in the folder base_dir, and `test`, made after it, that of
    test.txt; of each file only the first max_lines lines are read, or all if that is None. Both share
    `dictionary`, a Dictionary.
    """

    def __init__(self, base_dir: str | Path, max_lines: int | None = None) -> None:
        raise NotImplementedError("not started: hw4/corpus")

    def tokenize(self, path: str | Path, max_lines: int | None = None) -> list[int]:
        """Return the numbers of a text's words, one line after the other, and of `<eos>` after each line.

        `needle.text.lines_of(path, max_lines)` gives the lines, checked. Words stand between white space;
        each is added to the dictionary, and so is `<eos>`, after the words of the first line.
        """
        raise NotImplementedError("not started: hw4/corpus")


def batchify(data: Sequence[int], batch_size: int, device: Device | None, dtype: Any) -> np.ndarray:
    """Cut a text into batch_size pieces of one length, as long as can be, and return them as columns.

    Column 0 is the text's beginning, read downwards, column 1 goes on where it ends, and so on. What is left
    at the text's end is dropped. The result is a NumPy array; `get_batch` brings parts of it to a device.
    Shapes: data (N,) -> (N // batch_size, batch_size) of this dtype.
    Raises: ShapeError (a ValueError) for a text of fewer numbers than there are columns.
    """
    raise NotImplementedError("not started: hw4/batchify")


def get_batch(
    batches: np.ndarray, i: int, bptt: int, device: Device | None = None, dtype: Any = None
) -> tuple[Tensor, Tensor]:
    """Return T rows of a text in columns from row i on, and what is to be predicted: the word after each.

    T is bptt, or less where the rows end: each word needs one that follows it in its column. Neither tensor
    requires a gradient; their dtype is by default that of `batches`.
    Shapes: batches (nbatch, B), as `batchify` made it -> (T, B), and (T * B,) row by row.
    Raises: ShapeError (a ValueError) for a row that no other follows.
    """
    raise NotImplementedError("not started: hw4/get_batch")
