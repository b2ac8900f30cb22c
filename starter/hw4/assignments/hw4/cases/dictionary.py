from grader import case
from needle.data import Dictionary


@case()
def words_in_any_order(rng):
    dictionary = Dictionary()
    numbers = [dictionary.add_word(f"word{at}") for at in rng.integers(0, 9, size=14)]
    return {"numbers": numbers, "words": list(dictionary.idx2word), "length": len(dictionary)}


@case()
def two_dictionaries(rng):
    first, second = Dictionary(), Dictionary()
    for at in rng.integers(0, 20, size=10):
        first.add_word(f"w{at}")
        second.add_word(f"W{at % 4}")
        second.add_word(f"w{at}")
    return {"first": dict(first.word2idx), "second": dict(second.word2idx), "length": len(second)}
