"""Draws are NumPy's own, and two machines that drew the same agree on the digest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.grading.draws import Draws

Array = npt.NDArray[Any]
steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)

CALLS: dict[str, tuple[Any, ...]] = {
    "beta": (2.0, 3.0), "binomial": (10, 0.3), "bytes": (10,), "chisquare": (2.0,), "choice": (9,),
    "dirichlet": ([1.0, 2.0, 3.0],), "exponential": (2.0,), "f": (3.0, 5.0), "gamma": (2.0, 3.0),
    "geometric": (0.2,), "gumbel": (0.0, 1.0), "hypergeometric": (9, 7, 5), "integers": (0, 1000),
    "laplace": (0.0, 1.0), "logistic": (0.0, 1.0), "lognormal": (0.0, 1.0), "logseries": (0.5,),
    "multinomial": (20, [0.2, 0.3, 0.5]), "multivariate_hypergeometric": ([5, 6, 7], 4),
    "multivariate_normal": ([0.0, 1.0], [[1.0, 0.2], [0.2, 2.0]]), "negative_binomial": (5, 0.4),
    "noncentral_chisquare": (3.0, 1.0), "noncentral_f": (3.0, 5.0, 1.0), "normal": (0.0, 1.0),
    "pareto": (3.0,),
    "permutation": (12,), "permuted": (np.arange(12),), "poisson": (4.0,), "power": (3.0,), "random": (),
    "rayleigh": (1.0,), "standard_cauchy": (), "standard_exponential": (), "standard_gamma": (2.0,),
    "standard_normal": (), "standard_t": (5.0,), "triangular": (0.0, 1.0, 3.0), "uniform": (-1.0, 1.0),
    "vonmises": (0.0, 2.0), "wald": (1.0, 2.0), "weibull": (2.0,), "zipf": (2.5,),
}  # fmt: skip
UNSIZED = {"bytes", "permutation", "permuted"}
PUBLIC = {
    name
    for name in dir(np.random.Generator)
    if not name.startswith("_") and name not in ("bit_generator", "spawn")
}


def test_every_public_method_of_this_numpy_is_tried_here() -> None:
    assert CALLS.keys() | {"shuffle"} == PUBLIC


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("size", [None, 7])
def test_a_method_draws_what_numpy_draws_and_keeps_it_once(name: str, size: int | None) -> None:
    more = {} if size is None or name in UNSIZED else {"size": size}
    rng, plain = Draws(5), np.random.Generator(np.random.PCG64(5))
    for _ in range(3):
        found, expected = getattr(rng, name)(*CALLS[name], **more), getattr(plain, name)(*CALLS[name], **more)
        assert type(found) is type(expected)
        assert np.array_equal(found, expected)
    assert len(rng.drawn) == 3
    if name != "bytes":
        assert np.array_equal(rng.drawn[-1], expected)


@pytest.mark.parametrize("shuffle", [lambda rng, x: rng.shuffle(x), lambda rng, x: rng.shuffle(x=x)])
def test_shuffle_works_in_place_and_its_result_is_kept(shuffle: Callable[[Any, Any], None]) -> None:
    rng, plain = Draws(5), np.random.default_rng(5)
    mine, theirs = np.arange(20), np.arange(20)
    shuffle(rng, mine)
    plain.shuffle(theirs)
    assert np.array_equal(mine, theirs)
    assert np.array_equal(rng.drawn[0], theirs)


@pytest.mark.parametrize("items", [[1, 2, 3], ["a", "bb"], [[1], [2, 3]], [np.zeros(2), np.zeros(3)]])
def test_a_list_of_anything_can_be_shuffled(items: list[Any]) -> None:
    rng = Draws(5)
    rng.shuffle(items)
    assert len(rng.drawn) == 1
    assert len(rng.digest()) == 64


@pytest.mark.parametrize("name", ["random", "standard_normal", "standard_exponential"])
def test_what_is_drawn_into_an_array_is_kept_as_it_was_then(name: str) -> None:
    rng, out = Draws(5), np.empty(4)
    getattr(rng, name)(out=out)
    expected = getattr(np.random.default_rng(5), name)(4)
    assert np.array_equal(out, expected)
    before = rng.digest()
    out[:] = 0
    assert np.array_equal(rng.drawn[0], expected)
    assert rng.digest() == before


def test_changing_a_drawn_array_afterwards_does_not_change_the_digest() -> None:
    rng = Draws(5)
    array = rng.normal(size=9)
    before = rng.digest()
    array *= 2
    assert rng.digest() == before


def digest(*arrays: Array | float) -> str:
    draws = Draws(0)
    draws.drawn = [np.asarray(array) for array in arrays]
    return draws.digest()


# sevenths, since a number exactly between two steps rounds to either side
floats = (
    st.integers(-(10**12), 10**12)
    .map(lambda number: number / 7)
    .filter(lambda number: number * 4096 % 1 != 0.5)
)


@steady
@given(hnp.arrays(np.float64, st.integers(1, 5), elements=floats), st.sampled_from([-np.inf, np.inf]))
def test_the_last_bit_of_a_float_does_not_change_the_digest(array: Array, towards: float) -> None:
    assert digest(np.nextafter(array, towards)) == digest(array)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e9, 1e20, 1e300])
@pytest.mark.parametrize("name", ["normal", "exponential"])
def test_draws_of_any_scale_agree_but_for_their_last_bit(name: str, scale: float) -> None:
    array = getattr(np.random.default_rng(3), name)(scale=scale, size=500)
    assert digest(np.nextafter(array, np.inf)) == digest(array)


def test_float32_draws_of_large_numbers_agree_but_for_their_last_bit() -> None:
    array = np.array([3e6, 123456.7, -9.87e20], dtype=np.float32)
    assert digest(np.nextafter(array, np.float32(np.inf))) == digest(array)


@steady
@given(
    hnp.arrays(np.float64, st.integers(1, 5), elements=st.floats(-100, 100)),
    st.integers(0, 4),
    st.sampled_from([-1.0, -0.001, 0.001, 1.0]),
)
def test_a_real_difference_of_one_element_changes_the_digest(array: Array, at: int, by: float) -> None:
    other = array.copy()
    other[at % len(array)] += by
    assert digest(other) != digest(array)


@steady
@given(st.integers(-(2**63), 2**63 - 2))
def test_whole_numbers_are_compared_to_the_last_digit(number: int) -> None:
    assert digest(np.int64(number)) != digest(np.int64(number + 1))


def test_the_width_of_whole_numbers_does_not_matter_and_zero_has_no_sign() -> None:
    assert digest(np.arange(5, dtype=np.int32)) == digest(np.arange(5, dtype=np.int64))
    assert digest(np.array([-0.0, 1e-9])) == digest(np.array([0.0, -1e-9]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(6), np.zeros((2, 3))),
        (np.array(["a", "b"]), np.array(["a", "c"])),
        (np.array(["ab", ""]), np.array(["a", "b"])),
        (np.array([np.inf]), np.array([-np.inf])),
        (np.array([np.nan]), np.array([0.0])),
    ],
)
def test_shapes_texts_and_infinities_enter_the_digest(one: Array, other: Array) -> None:
    assert digest(one) != digest(other)


def test_bytes_enter_the_digest_to_their_last_zero() -> None:
    rng = Draws(1)
    drawn = rng.bytes(5)
    assert rng.drawn[0].tobytes() == drawn
    assert digest(np.frombuffer(b"a\0", np.uint8)) != digest(np.frombuffer(b"a", np.uint8))


def test_the_order_and_number_of_draws_enter_the_digest() -> None:
    a, b = np.array([1.0]), np.array([2.0])
    assert len({digest(), digest(a), digest(a, b), digest(b, a), digest(np.array([1.0, 2.0]))}) == 5


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_a_seed_gives_the_same_digest_again_and_another_seed_another(seed: int) -> None:
    def once(seed: int) -> str:
        rng = Draws(seed)
        rng.normal(size=(3, 4))
        rng.integers(10, size=5)
        return rng.digest()

    assert once(seed) == once(seed) != once(seed + 1)
