import needle as ndl
from grader import case
from needle.data import batchify


def laid_out(rng, words, columns, dtype):
    text = rng.integers(0, 1000, size=words).tolist()
    return {"batches": batchify(text, columns, ndl.default_device(), dtype), "sum of the text": sum(text)}


@case()
def with_words_left(rng):
    return laid_out(rng, 23, 4, "float32")


@case()
def filled(rng):
    return laid_out(rng, 30, 5, "int64")


@case()
def more_columns_than_rows(rng):
    return laid_out(rng, 17, 7, "float64")
