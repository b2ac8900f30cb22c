import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def tokens(rng, words, *shape):
    return ndl.Tensor(rng.integers(0, words, size=shape).astype(np.float32), requires_grad=False)


def outcome_and_gradient(rng, words, dim, *shape):
    embedding = ndl.nn.Embedding(words, dim)
    embedding.weight.data = drawn(rng, words, dim)
    out = embedding(tokens(rng, words, *shape))
    out.backward(drawn(rng, *out.shape))
    return {"out": out, "weight": embedding.weight.grad, "found": len(embedding.parameters())}


@case(seeds=256)
def more_words_than_tokens(rng):
    return outcome_and_gradient(rng, 50, 4, 3, 5)


@case(seeds=256)
def more_tokens_than_words(rng):
    return outcome_and_gradient(rng, 3, 6, 7, 4)


@case(seeds=256)
def as_it_is_drawn(rng):
    embedding = ndl.nn.Embedding(12, 5)
    kind = type(embedding.weight) is ndl.nn.Parameter
    parts = {"weight": embedding.weight, "kind": kind, "next": np.random.rand()}
    return {**parts, "out": embedding(tokens(rng, 12, 4, 2))}


@case(seeds=256)
def with_a_weight_replaced_by_a_tensor(rng):
    embedding = ndl.nn.Embedding(9, 3)
    embedding.weight = drawn(rng, 9, 3)
    out = embedding(tokens(rng, 9, 6, 2))
    out.backward(drawn(rng, 6, 2, 3))
    return [out, embedding.weight.grad]
