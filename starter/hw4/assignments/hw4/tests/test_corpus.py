"""corpus: texts of a few lines, written here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.expect import call, raises, seen
from grader.expect.drawing import reproducible
from needle.data import Corpus


@pytest.fixture(name="write")
def writer(tmp_path):
    """Write a text to train on and one to test on; return their folder."""

    def write(train, test):
        (tmp_path / "train.txt").write_text(train, encoding="utf-8")
        (tmp_path / "test.txt").write_text(test, encoding="utf-8")
        return tmp_path

    return write


def read(folder, **settings):
    """Return the corpus of a folder, and the line of Python that makes it, with the texts."""
    texts = {name: (folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("train", "test")}
    said = "".join(f", {key}={value}" for key, value in settings.items())
    text = f"corpus = Corpus(folder{said})  # train.txt {texts['train']!r}, test.txt {texts['test']!r}"
    return Corpus(folder, **settings), text


def has_words(text, corpus, expected, because):
    """Expect the dictionary to list these words."""
    found = list(corpus.dictionary.idx2word)
    if found != expected:
        seen(f"{text}; corpus.dictionary.idx2word", found).fail(
            "the words are wrong", f"{found}", f"{expected}", because
        )


def test_each_text_becomes_the_numbers_of_its_words_line_after_line(write):
    corpus, text = read(write(" the cat sat \n the dog sat \n", " the cat \n"))
    because = "the 0, cat 1, sat 2, <eos> 3; then the, dog, which is new and gets 4, sat and <eos>."
    seen(f"{text}; corpus.train", corpus.train).returns([0, 1, 2, 3, 0, 4, 2, 3], because=because)
    because = "the test text is read with the same dictionary: the 0, cat 1, <eos> 3."
    seen(f"{text}; corpus.test", corpus.test).returns([0, 1, 3], because=because)


def test_each_line_ends_with_eos_also_the_last_and_an_empty_one(write):
    corpus, text = read(write("a\n\nb c", "a"))
    because = "a <eos>, <eos> alone, b c <eos>: a model shall know that a sentence is over."
    seen(f"{text}; corpus.train", corpus.train).returns([0, 1, 1, 2, 3, 1], because=because)
    has_words(text, corpus, ["a", "<eos>", "b", "c"], because)


def test_words_of_both_texts_are_numbered_those_of_train_first(write):
    corpus, text = read(write("b a\n", "d b\nc\n"))
    because = "train gives b, a and <eos>; d and c come in the test text only, and get the next numbers."
    has_words(text, corpus, ["b", "a", "<eos>", "d", "c"], because)
    seen(f"{text}; corpus.test", corpus.test).returns([3, 0, 2, 4, 2], because=because)


def test_max_lines_cuts_each_text_to_its_first_lines(write):
    folder = write("a b\nc\nd\n", "a\nb\ne\n")
    corpus, text = read(folder, max_lines=2)
    because = "a b <eos> c <eos>: the third line is not read, and d is no word of the dictionary."
    seen(f"{text}; corpus.train", corpus.train).returns([0, 1, 2, 3, 2], because=because)
    because = "of the test text as well the first two lines: a <eos> b <eos>."
    seen(f"{text}; corpus.test", corpus.test).returns([0, 2, 1, 2], because=because)
    has_words(text, corpus, ["a", "b", "<eos>", "c"], because)
    corpus, text = read(folder, max_lines=9)
    because = "a text of fewer lines is read whole."
    seen(f"{text}; len(corpus.train)", len(corpus.train)).returns(7, because=because)


def test_words_stand_between_white_space_of_any_width_and_stay_as_they_are_written(write):
    corpus, text = read(write("  May \t may  's \n", "may\n"))
    because = "no empty words between two spaces, no line's end in a word, and no change of a letter."
    has_words(text, corpus, ["May", "may", "'s", "<eos>"], because)


def test_both_texts_are_lists_of_whole_numbers(write):
    corpus, text = read(write("a b\n", "b\n"))
    for name, found in (("train", corpus.train), ("test", corpus.test)):
        wrong = [type(one).__name__ for one in found if not isinstance(one, int)]
        if not isinstance(found, list) or wrong:
            kinds = f"a {type(found).__name__} of {wrong or 'int'}"
            made = seen(f"{text}; corpus.{name}", found)
            made.fail("the type is wrong", kinds, "a list of int", "batchify makes an array of it.")


def test_tokenize_reads_another_file_with_the_same_dictionary(write):
    folder = write("a b\n", "b\n")
    corpus, text = read(folder)
    (folder / "more.txt").write_text("c a\nb\n", encoding="utf-8")
    made = call(corpus.tokenize, folder / "more.txt")
    because = "a 0, b 1 and <eos> 2 are known; c is new: 3."
    made.returns([3, 0, 2, 1, 2], because=because)
    call(corpus.tokenize, folder / "more.txt", 1).returns([3, 0, 2], because="its first line: c a <eos>.")
    has_words(f'{text}; corpus.tokenize(folder / "more.txt")', corpus, ["a", "b", "<eos>", "c"], because)


def test_a_text_without_words_is_refused_by_its_name(write):
    because = "lines_of says so: nothing can be learned or tested of it."
    raises(ValueError, Corpus, write("", "a\n"), naming=["train.txt"], because=because)
    raises(ValueError, Corpus, write("a\n", " \n\n"), naming=["test.txt"], because=because)


@reproducible
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), min_size=1, max_size=4).filter(any))
def test_any_text_can_be_written_again_from_its_numbers(write, lines):
    corpus, text = read(write("".join(" ".join(line) + "\n" for line in lines), "a\n"))
    words = [corpus.dictionary.idx2word[number] for number in corpus.train]
    told = [sentence.split() for sentence in " ".join(words).split("<eos>")]
    if told != [*lines, []]:
        found = seen(f"{text}; the words of corpus.train", words)
        found.fail("they are not the text's", f"{words}", f"those of {lines}, each line with <eos>", "")
