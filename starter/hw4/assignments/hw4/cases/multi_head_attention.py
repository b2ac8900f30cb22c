import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def outcome_and_gradients(rng, attention, batch, heads, queries, keys, features, out):
    q = drawn(rng, batch, heads, queries, features)
    k = drawn(rng, batch, heads, keys, features)
    v = drawn(rng, batch, heads, keys, out)
    result, probs = attention(q, k, v)
    result.backward(drawn(rng, *result.shape))
    return {"result": result, "probs": probs, "q": q.grad, "k": k.grad, "v": v.grad}


@case()
def without_a_mask(rng):
    return outcome_and_gradients(rng, ndl.nn.MultiHeadAttention(), 2, 3, 4, 5, 8, 3)


@case()
def with_a_mask(rng):
    return outcome_and_gradients(rng, ndl.nn.MultiHeadAttention(causal=True), 2, 2, 5, 5, 3, 3)


@case()
def the_last_queries_of_a_sequence(rng):
    return outcome_and_gradients(rng, ndl.nn.MultiHeadAttention(causal=True), 1, 2, 2, 6, 4, 4)


@case()
def with_dropout(rng):
    attention = ndl.nn.MultiHeadAttention(dropout=0.3, causal=True)
    trained = outcome_and_gradients(rng, attention, 2, 2, 4, 4, 3, 3)
    attention.eval()
    return {"trained": trained, "in use": outcome_and_gradients(rng, attention, 1, 2, 3, 3, 3, 3)}
