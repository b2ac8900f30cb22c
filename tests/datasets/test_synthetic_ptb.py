"""The stand-in for the Penn Treebank: its format, its vocabulary, and that it repeats."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import synthetic_ptb

PARTS = {"train": (42_068, 887_521), "valid": (3_370, 70_390), "test": (3_761, 78_669)}  # lines, words


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ptb")
    synthetic_ptb.write(folder)
    return {part: (folder / f"{part}.txt").read_bytes().decode("ascii") for part in PARTS}


@pytest.mark.parametrize("part", PARTS)
def test_parts_have_the_published_lines_and_about_as_many_words(part, texts):
    lines, words = PARTS[part]
    assert texts[part].count("\n") == lines
    assert abs(len(texts[part].split()) / words - 1) < 0.05


@pytest.mark.parametrize("part", PARTS)
def test_words_lie_between_single_spaces(part, texts):
    for line in texts[part].split("\n")[:-1]:
        assert line == f" {' '.join(line.split())} "
        assert len(line.split()) > 1


def test_ten_thousand_words_with_the_end_of_line_all_occur_in_train(texts):
    seen = set(texts["train"].split())
    assert len(seen | {"<eos>"}) == 10_000
    assert {"<unk>", "N"} <= seen
    assert set(texts["valid"].split()) | set(texts["test"].split()) <= seen


def test_no_class_of_words_is_left_unfilled(texts):
    assert [word for word in set(texts["train"].split()) if word.isupper()] == ["N"]


def test_frequencies_follow_zipf(texts):
    counts = np.sort(list(Counter(texts["train"].split()).values()))[::-1]
    ranks = np.arange(10, 5_000)
    slope = np.polyfit(np.log(ranks), np.log(counts[ranks]), 1)[0]
    assert -1.4 < slope < -0.7


def test_following_words_tell_more_than_frequencies(texts):
    words = texts["train"].split()
    after = Counter(word for before, word in pairwise(words) if before == "$")
    assert after.keys() == {"N"}


def test_every_run_writes_the_same_text():
    def once():
        rng = np.random.Generator(np.random.PCG64(5))
        return synthetic_ptb.text(50, synthetic_ptb.vocabulary(rng), rng, complete=False)

    assert once() == once()
