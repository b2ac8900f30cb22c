"""multi_head_attention: weights worked by hand, masks, draws of a seeded NumPy, then any heads one by one."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, call, central_differences, seen, shown_as
from grader.expect.drawing import arrays, reproducible

LN3 = math.log(3)  # exp(LN3) : exp(0) is 3 : 1, so a softmax makes 0.75 and 0.25 of them


def attention(*, causal=False, dropout=0.0, seed=None, training=True):
    """Return an attention to be called, with NumPy seeded if a seed is given, as failures show."""
    made = ndl.nn.MultiHeadAttention(dropout=dropout, causal=causal)
    setup = f"attention = ndl.nn.MultiHeadAttention(dropout={dropout}, causal={causal})"
    if not training:
        made.eval()
        setup += "; attention.eval()"
    if seed is not None:
        np.random.seed(seed)
        setup += f"; np.random.seed({seed})"
    return shown_as("attention", made, setup=setup)


def heads(*matrices):
    """Return one example with a head for each matrix, whose rows are places."""
    return ndl.Tensor([matrices], dtype="float32")


def result_only(made):
    """Return an attention that returns its result alone, for gradients."""
    return shown_as(
        "(lambda *qkv: attention(*qkv)[0])", lambda *qkv: made.function(*qkv)[0], setup=made.setup
    )


def weights_of(query, keys, last):
    """Return how much a query takes from each place, as Python floats, if it sees those before `last`."""
    root = math.sqrt(len(query))
    scores = [math.fsum(a * b for a, b in zip(query, key, strict=True)) / root for key in keys]
    powers = [math.exp(one - max(scores[:last])) if at < last else 0.0 for at, one in enumerate(scores)]
    return [one / math.fsum(powers) for one in powers]


def places_seen(at, queries, keys, causal):
    """Return how many places a query sees: the last query belongs to the last key."""
    return keys - (queries - 1 - at) if causal else keys


def probs_of(q, k, causal):
    """Return the weights of all queries of nested lists (B, H, T, D) and (B, H, S, D), one by one."""
    if np.ndim(q) > 2:
        return [probs_of(one, other, causal) for one, other in zip(q, k, strict=True)]
    return [weights_of(query, k, places_seen(at, len(q), len(k), causal)) for at, query in enumerate(q)]


def results_of(q, k, v, causal):
    """Return the results of all queries, one by one."""
    if np.ndim(q) > 2:
        return [results_of(*each, causal) for each in zip(q, k, v, strict=True)]
    columns = [*zip(*v, strict=True)]
    return [
        [math.fsum(p * one for p, one in zip(probs, column, strict=True)) for column in columns]
        for probs in probs_of(q, k, causal)
    ]


@st.composite
def queries_keys_and_values(draw, max_side=3):
    """Draw q, k, v, weights for the result, and whether there is a mask."""
    batch, head, features, out = (draw(st.integers(1, 2)) for _ in range(4))
    places = draw(st.integers(1, max_side))
    queries = draw(st.integers(1, places))
    shapes = (queries, features), (places, features), (places, out), (queries, out)
    drawn = [draw(arrays((batch, head, *shape), -2, 2)) for shape in shapes]
    return *drawn, draw(st.booleans())


def test_a_query_gets_the_mean_of_the_values_weighted_by_how_well_their_keys_fit():
    q, k, v = heads([[LN3]]), heads([[1], [0]]), heads([[8], [4]])
    made = call(attention(), q, k, v)
    because = "the scores are ln 3 and 0, and exp makes 3 : 1 of them."
    made[1].returns([[[[0.75, 0.25]]]], because=because).has_dtype(np.float32)
    made[0].returns([[[[7]]]], because="0.75 * 8 + 0.25 * 4 = 7.").has_dtype(np.float32).keeps()


def test_the_scores_are_divided_by_the_root_of_the_number_of_features():
    q, k, v = heads([[LN3] * 4]), heads([[1, 1, 0, 0], [0, 0, 0, 0]]), heads([[8], [4]])
    because = "with 4 features the scores 2 ln 3 and 0 are divided by 2: ln 3 and 0, 3 : 1. "
    because += "(Divided by 4 they would come to 0.634 : 0.366, and not divided to 0.9 : 0.1.)"
    call(attention(), q, k, v)[1].returns([[[[0.75, 0.25]]]], because=because)


def test_every_head_and_every_example_looks_things_up_by_itself():
    q = ndl.Tensor([[[[LN3]], [[-LN3]]], [[[0.0]], [[LN3]]]], dtype="float32")
    k = ndl.Tensor([[[[1], [0]], [[1], [0]]], [[[1], [0]], [[0], [0]]]], dtype="float32")
    v = ndl.Tensor([[[[8], [4]], [[8], [4]]], [[[8], [4]], [[1], [3]]]], dtype="float32")
    because = "3 : 1, 1 : 3, and twice 1 : 1, as the axes before the last two are examples and heads."
    call(attention(), q, k, v)[0].returns([[[[7]], [[5]]], [[[6]], [[2]]]], because=because)


def test_with_a_mask_no_query_sees_what_comes_after_it():
    q, k, v = heads([[0], [0], [0]]), heads([[5], [7], [9]]), heads([[6], [0], [3]])
    made = call(attention(causal=True), q, k, v)
    because = "all scores are 0. The first query sees one place, the second two, and the third all three."
    made[1].returns([[[[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]]], because=because)
    made[0].returns([[[[6], [3], [3]]]], because="6 alone, then (6 + 0) / 2, then (6 + 0 + 3) / 3.")


def test_without_a_mask_every_query_sees_all_places():
    q, k, v = heads([[0], [0]]), heads([[5], [7]]), heads([[6], [0]])
    because = "by default causal is False: (6 + 0) / 2, for the first query as well."
    made = call(shown_as("ndl.nn.MultiHeadAttention()", ndl.nn.MultiHeadAttention()), q, k, v)
    made[0].returns([[[[3], [3]]]], because=because)


def test_with_fewer_queries_than_keys_the_last_query_sees_all():
    q, k, v = heads([[0], [0]]), heads([[5], [7], [9]]), heads([[6], [0], [3]])
    because = "2 queries belong to the last 2 of 3 keys: the first one sees two places, the other all three."
    made = call(attention(causal=True), q, k, v)
    made[1].returns([[[[1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]]], because=because)


def test_scores_of_any_size_come_through():
    q, k, v = heads([[1000], [-1000]]), heads([[1], [0]]), heads([[8], [4]])
    because = "exp(1000) overflows and exp(-1000) is 0, but only the difference of the scores counts."
    call(attention(), q, k, v)[0].returns([[[[8], [4]]]], because=because)
    q, k, v = heads([[-1000], [-1000]]), heads([[1], [-1]]), heads([[8], [4]])
    because = "the first query sees one place: however little that fits, it gets all of the weight."
    call(attention(causal=True), q, k, v)[1].returns([[[[1, 0], [0, 1]]]], because=because)


def test_dropout_falls_on_the_weights_which_are_returned_as_they_were_used():
    q, k, v = heads([[0], [0]]), heads([[5], [7]]), heads([[6], [12]])
    made = call(attention(dropout=0.4, seed=0), q, k, v)
    because = (
        "all weights are 0.5. NumPy draws 0.5488, 0.7152, 0.6028, 0.5449: the first and the last are up "
    )
    because += "to 0.6 and kept, with 1 / 0.6 of their size."
    made[1].returns([[[[0.5 / 0.6, 0], [0, 0.5 / 0.6]]]], because=because)
    made[0].returns([[[[5], [10]]]], because="0.8333 * 6 + 0 * 12, and 0 * 6 + 0.8333 * 12.")
    after = made.then("np.random.rand()", np.random.rand())
    after.returns(0.4236548, because="one draw for each of the 4 weights: the next is the fifth.")


def test_in_use_nothing_is_dropped():
    q, k, v = heads([[0], [0]]), heads([[5], [7]]), heads([[6], [12]])
    made = call(attention(dropout=0.4, seed=0, training=False), q, k, v)
    made[0].returns([[[[9], [9]]]], because="after eval() nothing is dropped: (6 + 12) / 2.")


@reproducible
@given(queries_keys_and_values())
def test_any_heads_come_out_as_worked_one_by_one(drawn):
    q, k, v, _, causal = drawn
    made = call(attention(causal=causal), *map(ndl.Tensor, (q, k, v)))
    numbers = [one.tolist() for one in (q, k, v)]
    because = "exp(score), divided by the sum of all that the query sees."
    made[1].returns(probs_of(*numbers[:2], causal), because=because).has_dtype(np.float32)
    because = "the sum of the values, each times its weight."
    made[0].returns(results_of(*numbers, causal), because=because).has_dtype(np.float32).keeps()


@settings(reproducible, max_examples=20)
@given(queries_keys_and_values())
def test_the_gradients_of_q_k_and_v_are_the_measured_slopes(drawn):
    q, k, v, out_grad, causal = drawn
    made = backward(result_only(attention(causal=causal)), *map(ndl.Tensor, (q, k, v)), out_grad=out_grad)
    slopes = central_differences(lambda q, k, v: results_of(q, k, v, causal), q, k, v, out_grad=out_grad)
    because = "each weight moves with all scores that the query sees."
    for name, grad, slope in zip("qkv", made.value, slopes, strict=True):
        found = seen(f"{made.text}; the gradient of {name}", grad)
        found.returns(slope.round(6) + 0.0, rtol=1e-3, because=because).has_dtype(np.float32)
