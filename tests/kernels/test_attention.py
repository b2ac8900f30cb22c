"""Attention's kernels give what its definition gives in NumPy's float64, and their gradients its slopes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_kernels import FEW, ROWS, Exact, call, check_slopes, close, numbers, seeds
from strided_views import drawn, fast, lacks, read, run_tests_with


def attention_of(causal: bool) -> Callable[..., Exact]:
    """Return attention of q (B, T, H, D), k (B, S, H, D) and v (B, S, H, E)."""

    def attend(q: Exact, k: Exact, v: Exact) -> Exact:
        queries, keys = q.shape[1], k.shape[1]
        scores = np.einsum("bthd,bshd->bhts", q, k) / np.sqrt(q.shape[-1])
        if causal:
            scores = np.where(np.tri(queries, keys, keys - queries, dtype=bool), scores, -np.inf)
        probs = np.exp(scores - scores.max(-1, keepdims=True))
        out: Exact = np.einsum("bhts,bshe->bthe", probs / probs.sum(-1, keepdims=True), v)
        return out.ravel()

    return attend


def check_attention(sizes: tuple[int, int, int, int, int, int], causal: bool, seed: int) -> None:
    B, H, T, S, D, E = sizes
    given = numbers(seed, (B, T, H, D), (B, S, H, D), (B, S, H, E), (B, T, H, E))
    q, k, v, upper = given
    out, sums = call("attention", sizes, int(causal), q, k, v)
    attend = attention_of(causal)
    close(out, attend(*(one.astype("float64") for one in (q, k, v))).reshape(B, T, H, E))
    found = call("attention_gradient", sizes, int(causal), q, k, v, out, sums, upper)
    check_slopes(attend, [q, k, v], [upper.astype("float64")], list(found))


@drawn
@given(batch=FEW, heads=FEW, queries=ROWS, more=FEW, size=FEW, out=FEW, causal=st.booleans(), seed=seeds)
def test_attention_and_its_gradients_are_those_of_float64(
    batch: int, heads: int, queries: int, more: int, size: int, out: int, causal: bool, seed: int
) -> None:
    check_attention((batch, heads, queries, queries + more - 1, size, out), causal, seed)


@pytest.mark.parametrize(("queries", "keys"), [(1, 300), (31, 129), (65, 257), (200, 200), (33, 384)])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_over_several_tiles_is_that_of_float64(queries: int, keys: int, causal: bool) -> None:
    check_attention((1, 2, queries, keys, 17, 9), causal, 0)


@pytest.mark.parametrize(("size", "out"), [(64, 64), (16, 100), (130, 20), (65, 200), (20, 260)])
def test_attention_of_heads_of_any_size_is_that_of_float64(size: int, out: int) -> None:
    check_attention((2, 1, 9, 70, size, out), True, 0)


def test_attention_of_fewer_keys_than_queries_sees_all_of_them() -> None:
    check_attention((2, 1, 70, 3, 4, 4), False, 0)


def test_attention_takes_scores_whose_exponentials_overflow() -> None:
    q, k, v = numbers(0, (1, 40, 1, 4), (1, 300, 1, 4), (1, 300, 1, 4))
    q *= np.float32(100)
    out, sums = call("attention", (1, 1, 40, 300, 4, 4), 1, q, k, v)
    exact = attention_of(True)(*(one.astype("float64") for one in (q, k, v)))
    close(out, exact.reshape(1, 40, 1, 4), 1e-4)
    found = call("attention_gradient", (1, 1, 40, 300, 4, 4), 1, q, k, v, out, sums, q)
    assert all(np.isfinite(read(one, (one.size,))).all() for one in found)


def test_causal_attention_of_more_queries_than_keys_is_refused() -> None:
    q, k = numbers(0, (1, 3, 1, 2), (1, 2, 1, 2))
    with pytest.raises(ValueError, match=r"attention: 3 queries and 2 keys\. Expected no more queries"):
        call("attention", (1, 1, 3, 2, 2, 2), 1, q, k, k)


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_other_instruction_sets_pass_the_same_tests(isa: str) -> None:
    if fast.isa == isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "gradients")
