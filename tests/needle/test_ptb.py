"""Texts as numbers: what real files hold, and what is refused in words."""

from pathlib import Path

import numpy as np
import pytest

from needle.data import Corpus, batchify, get_batch
from needle.errors import FileFormatError, SettingError, ShapeError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.txt").write_text(" a b \n b c \n", encoding="utf-8")
    (tmp_path / "test.txt").write_text(" c d \n", encoding="utf-8")
    return tmp_path


def test_a_corpus_in_columns_comes_back_batch_by_batch(folder: Path) -> None:
    corpus = Corpus(str(folder))
    columns = batchify(corpus.train, 2, None, "float32")
    x, y = get_batch(columns, 0, 35)
    words = corpus.dictionary.idx2word
    assert [[words[int(at)] for at in row] for row in x.numpy()] == [["a", "b"], ["b", "c"]]
    assert [words[int(at)] for at in y.numpy()] == ["b", "c", "<eos>", "<eos>"]
    assert [words[at] for at in corpus.test] == ["c", "d", "<eos>"]


@pytest.mark.parametrize("content", ["", " \n\n"])
@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_a_corpus_refuses_a_file_without_words_and_names_it(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(FileFormatError, match=rf"{name}: found \d lines without a word\. Expected a text"):
        Corpus(folder)


def test_a_corpus_whose_first_lines_are_empty_is_refused_if_no_others_are_read(folder: Path) -> None:
    (folder / "train.txt").write_text("\n\na\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="found 2 lines without a word"):
        Corpus(folder, max_lines=2)
    assert Corpus(folder, max_lines=3).train == [0, 0, 1, 0]


@pytest.mark.parametrize("max_lines", [0, -1])
def test_a_corpus_of_no_lines_is_refused(folder: Path, max_lines: int) -> None:
    with pytest.raises(SettingError, match=rf"max_lines is {max_lines}\. Expected at least 1, or None"):
        Corpus(folder, max_lines=max_lines)


def test_a_corpus_without_a_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"train\.txt"):
        Corpus(tmp_path)


def test_fewer_words_than_columns_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"batchify: found 3 words for 4 columns\. .* Use a longer text"):
        batchify([1, 2, 3], 4, None, "float32")


@pytest.mark.parametrize("row", [4, 5, 9])
def test_a_row_without_a_next_one_is_refused(row: int) -> None:
    columns = np.zeros((5, 2), dtype=np.float32)
    with pytest.raises(ShapeError, match=rf"get_batch: found row {row} of 5\. .* Ask for a row below 4"):
        get_batch(columns, row, 3)
