"""dictionary: a few words, numbered one by one."""

from hypothesis import given
from hypothesis import strategies as st

from grader.expect import call, seen, shown_as
from grader.expect.drawing import reproducible
from needle.data import Dictionary


def adding(*words):
    """Return a dictionary to which these words were added, what that returned, and its text."""
    dictionary = Dictionary()
    text = "; ".join(["dictionary = Dictionary()", *(f"dictionary.add_word({word!r})" for word in words)])
    return dictionary, [dictionary.add_word(word) for word in words], text


def holds(text, found, expected, because):
    """Expect words or a dict of them."""
    if found != expected:
        seen(text, found).fail("it is wrong", f"{found!r}", f"{expected!r}", because)


def test_new_words_are_numbered_from_0_in_the_order_in_which_they_come():
    _, numbers, text = adding("the", "cat", "sat")
    because = "the first word is number 0, the second 1, the third 2."
    seen(f"{text}; what add_word returned", numbers).returns([0, 1, 2], because=because)


def test_a_word_that_is_there_keeps_its_number_and_is_not_listed_again():
    dictionary, numbers, text = adding("the", "cat", "the", "sat", "cat")
    because = '"the" is 0 and "cat" 1 whenever they come; "sat" is the third word, number 2.'
    seen(f"{text}; what add_word returned", numbers).returns([0, 1, 0, 2, 1], because=because)
    holds(f"{text}; dictionary.idx2word", dictionary.idx2word, ["the", "cat", "sat"], because)


def test_both_directions_are_kept():
    dictionary, _, text = adding("the", "cat", "sat")
    because = "a word's number is its place in the list."
    holds(f"{text}; dictionary.word2idx", dictionary.word2idx, {"the": 0, "cat": 1, "sat": 2}, because)
    holds(f"{text}; dictionary.idx2word", dictionary.idx2word, ["the", "cat", "sat"], because)


def test_the_length_counts_different_words():
    dictionary, _, text = adding("the", "cat", "the", "the")
    call(shown_as("len", len, setup=text), dictionary).returns(2, because='"the" and "cat".')
    empty, _, text = adding()
    call(shown_as("len", len, setup=text), empty).returns(0, because="nothing was added.")


def test_words_are_taken_as_they_are_written():
    dictionary, numbers, text = adding("May", "may", "may,", "N", "<unk>")
    because = "a name and a verb, say: what text means is for the model to find out."
    seen(f"{text}; what add_word returned", numbers).returns([0, 1, 2, 3, 4], because=because)
    holds(f"{text}; dictionary.idx2word", dictionary.idx2word, ["May", "may", "may,", "N", "<unk>"], because)


def test_two_dictionaries_share_no_words():
    first, _, _ = adding("the", "cat")
    _, numbers, text = adding("dog")
    because = "each dictionary has a dict and a list of its own, made in __init__."
    seen(f'Dictionary().add_word("the"); {text}; what the last call returned', numbers).returns(
        [0], because=because
    )
    holds(f"first.idx2word after {text}", first.idx2word, ["the", "cat"], because)


@reproducible
@given(st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=12))
def test_any_words_can_be_told_from_their_numbers(words):
    dictionary, numbers, text = adding(*words)
    told = [dictionary.idx2word[number] for number in numbers]
    holds(f"{text}; the words of the numbers returned", told, words, "word -> number -> word.")
    holds(
        f"{text}; word2idx of the words in idx2word",
        [dictionary.word2idx[word] for word in dictionary.idx2word],
        [*range(len(set(words)))],
        "the numbers run from 0 without a gap, and each word has one.",
    )
