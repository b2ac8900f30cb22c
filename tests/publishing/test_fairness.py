"""A case that is not worth grading is refused with its reason; a good one passes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.grading.cases import Case, Outcome, run_case
from grader.grading.verdicts import Rules
from grader.publishing.fairness import earned, figure_misses, unfair

SEEDS = range(8)
Function = Callable[[np.random.Generator], Any]


def outcomes(function: Function, seeds: range = SEEDS) -> dict[int, Outcome]:
    return {seed: run_case(Case(function), seed) for seed in seeds}


def stub(rng: np.random.Generator) -> Any:
    raise NotImplementedError("not started: hw9/q")


def reasons(
    function: Function, reordered: Function | None = None, on_stubs: Function = stub, **rules: float
) -> list[str]:
    """Return the reasons against a case, given what it does on the reference, reordered and on the stubs."""
    made = Case(function, **rules).rules()
    few = range(3)
    return list(
        unfair(made, outcomes(function), outcomes(reordered or function, few), outcomes(on_stubs, few))
    )


def good(rng: np.random.Generator) -> Any:
    x = rng.normal(size=(4, 3)).astype(np.float32)
    return {
        "loss": float(np.log(np.exp(x).sum())),
        "gradient": np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
    }


def test_a_good_case_passes() -> None:
    assert reasons(good) == []


@pytest.mark.parametrize(
    "function",
    [
        lambda rng: rng.normal(size=3) * 2 + 1,
        lambda rng: float(rng.normal() * 2 + 1),
        lambda rng: np.argsort(rng.normal(size=20)),
        lambda rng: [f"word{n}" for n in rng.integers(1000, size=3)],
        lambda rng: np.maximum(rng.normal(size=(4, 4)), 0),
        lambda rng: {"x": rng.normal(size=3), "y": np.exp(rng.normal(size=3))},
        lambda rng: rng.normal(size=(2, 3)).reshape(3, 2),
    ],
)
def test_values_of_every_kind_that_take_work_pass(function: Function) -> None:
    assert reasons(function) == []


def test_a_reference_that_raises_is_told_with_seed_and_message_and_nothing_else() -> None:
    def raises_on_five(rng: np.random.Generator) -> Any:
        value = rng.normal()
        if value == np.random.default_rng(5).normal():
            raise ValueError("no such shape")
        return value

    assert reasons(raises_on_five) == ["the reference raises ValueError on seed 5: no such shape"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: {"loss": [float(x[1])]}, lambda x: (1.5, x)])
def test_a_value_that_is_not_finite_is_refused(bad: float, wrap: Callable[[Any], Any]) -> None:
    def function(rng: np.random.Generator) -> Any:
        return wrap(np.array([rng.normal(), bad]))

    assert "its value on seed 0 holds NaN or an infinity" in reasons(function)


@pytest.mark.parametrize(("share", "refused"), [(0.0, False), (0.09, False), (0.11, True), (2.0, True)])
def test_a_spread_of_over_a_tenth_of_the_tolerance_is_refused(share: float, refused: bool) -> None:
    def function(rng: np.random.Generator) -> Any:
        return np.append(rng.uniform(2, 3, size=5), 10.0)

    def moved(rng: np.random.Generator) -> Any:
        return function(rng) + share * (1e-6 + 1e-4 * 10.0)

    expected = ["summed in another order, it moves by over 0.1 of its tolerance on seed 0"]
    assert reasons(function, moved) == (expected if refused else [])


def test_a_case_that_raises_or_changes_its_shape_in_another_order_is_refused() -> None:
    assert reasons(good, stub) == [
        "the reference raises NotImplementedError in another summation order, on seed 0"
    ]
    [reason] = reasons(good, lambda rng: good(rng)["gradient"])
    assert reason.startswith("summed in another order")


@pytest.mark.parametrize("but_for", [[], [0], [3], [0, 2, 5]])
def test_a_value_that_most_seeds_share_is_refused_wherever_the_others_stand(but_for: list[int]) -> None:
    unusual = [np.random.default_rng(seed).normal() for seed in but_for]

    def function(rng: np.random.Generator) -> Any:
        drawn = rng.normal()
        return np.array([2.5, drawn if drawn in unusual else 7.0])

    said = f"{len(SEEDS) - len(but_for)} of its 8 seeds give the same value: it must depend on the seed"
    assert reasons(function) == [said]


def test_a_value_that_half_of_the_seeds_share_passes() -> None:
    half = [np.random.default_rng(seed).normal() for seed in range(4)]

    def function(rng: np.random.Generator) -> Any:
        drawn = rng.normal()
        return np.array([2.5, drawn if drawn in half else 7.0])

    assert reasons(function) == []


def test_a_difference_within_the_tolerance_does_not_count_as_depending_on_the_seed() -> None:
    assert reasons(lambda rng: 5.0 + 1e-6 * rng.normal()) == [
        "8 of its 8 seeds give the same value: it must depend on the seed"
    ]


def test_a_case_that_returns_on_the_untouched_stubs_is_refused() -> None:
    said = "it returns a value on the untouched stubs: expected every case to reach a stub"
    assert reasons(good, on_stubs=good) == [said]
    assert reasons(good, on_stubs=lambda rng: None) == [said]


def test_a_case_that_returns_on_the_stubs_of_one_seed_alone_is_refused() -> None:
    made = Case(good).rules()
    stubs = outcomes(stub, range(3)) | outcomes(good, range(2, 3))
    [reason] = unfair(made, outcomes(good), outcomes(good, range(3)), stubs)
    assert "untouched stubs" in reason


def like_that_on(seeds: set[int], number: float, wrap: Callable[[Any], Any]) -> Function:
    """Return a case whose value holds but one number on some seeds, and elsewhere takes work."""
    first = [np.random.default_rng(seed).normal(size=2) for seed in seeds]

    def function(rng: np.random.Generator) -> Any:
        drawn = rng.normal(size=2)
        known = any(np.array_equal(drawn, one) for one in first)
        return wrap(np.full(2, number) if known else np.round(drawn * 1000) + 5000)

    return function


WRAPS = (
    lambda x: x,
    lambda x: x.astype(np.float32),
    lambda x: x.astype(np.int64),
    lambda x: float(x[0]),
    lambda x: int(x[0]),
    lambda x: bool(x[0]),
    lambda x: {"loss": x, "name": "text"},
)


@pytest.mark.parametrize(("what", "number"), [("zeros", 0.0), ("ones", 1.0)])
@pytest.mark.parametrize("wrap", WRAPS)
def test_a_value_met_by_zeros_or_ones_on_over_a_quarter_of_the_seeds_is_refused(
    what: str, number: float, wrap: Callable[[Any], Any]
) -> None:
    assert f"its value is met by {what}" in reasons(like_that_on({1, 3, 4}, number, wrap))


@pytest.mark.parametrize("number", [0.0, 1.0])
@pytest.mark.parametrize("wrap", [wrap for wrap in WRAPS if wrap(np.full(2, 2.0)) is not True])
def test_no_seed_on_which_a_value_takes_no_work_is_published(
    number: float, wrap: Callable[[Any], Any]
) -> None:
    case = like_that_on({1, 3}, number, wrap)
    assert reasons(case) == []
    assert earned(Case(case).rules(), outcomes(case)).keys() == {0, 2, 4, 5, 6, 7}


def test_a_single_number_that_happens_to_be_an_input_is_left_out() -> None:
    def mean(rng: np.random.Generator) -> float:
        return float(rng.uniform(1, 2, size=2).mean())

    made = outcomes(mean)
    made[5].drawn.append(np.array(mean(np.random.default_rng(5))))
    assert earned(Case(mean).rules(), made).keys() == set(SEEDS) - {5}


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: x.astype(np.float32),
        lambda x: x.astype(np.float16),
        lambda x: x.astype(np.int32),
        lambda x: x * (1 + 1e-5),
        lambda x: {"x": [x, x.astype(np.float32)]},
        lambda x: x.copy(),
    ],
)
@pytest.mark.parametrize("rules", [{}, {"rtol": 1e-4, "atol": 0.0}])
def test_a_case_that_returns_its_own_input_is_refused_also_when_cast(
    change: Callable[[Any], Any], rules: dict[str, float]
) -> None:
    found = reasons(lambda rng: change(rng.normal(0, 50, size=(3, 4))), **rules)
    assert found == ["its value is one of its own inputs"]


def test_a_cast_input_is_found_also_without_any_tolerance() -> None:
    found = reasons(lambda rng: rng.normal(size=5).astype(np.float32), rtol=0.0, atol=0.0)
    assert found == ["its value is one of its own inputs"]


def test_an_input_that_is_a_single_number_is_found_too() -> None:
    assert reasons(lambda rng: float(rng.normal())) == ["its value is one of its own inputs"]


def test_every_reason_is_given_and_not_the_first_alone() -> None:
    found = reasons(lambda rng: np.zeros(3), on_stubs=lambda rng: 0)
    assert len(found) == 3
    assert [
        part in "\n".join(found) for part in ("give the same value", "untouched stubs", "met by zeros")
    ] == [True] * 3


def labels(rng: np.random.Generator) -> Any:
    return rng.integers(2, 10, size=20)


def half_right(rng: np.random.Generator) -> Any:
    found = labels(rng)
    found[:10] += 1
    return found


def rules(**bounds: float) -> Rules:
    return Case(half_right, figure="error_rate", **bounds).rules()


def test_a_figure_that_the_reference_meets_and_nothing_else_does_passes() -> None:
    assert list(figure_misses(rules(at_most=0.5), outcomes(half_right), outcomes(labels))) == []


def test_a_figure_that_the_reference_misses_is_refused_with_the_seed() -> None:
    [reason] = figure_misses(rules(at_most=0.4), outcomes(half_right), outcomes(labels))
    assert reason == "the reference's own error_rate misses the bound on seed 0 (values differ by a lot)"


def test_predictions_of_another_shape_than_the_labels_are_refused_with_both() -> None:
    wide = outcomes(lambda rng: np.zeros((20, 10), np.int64))
    [reason] = figure_misses(rules(at_most=0.5), wide, outcomes(labels))
    assert "found (20, 10), expected (20,)" in reason


@pytest.mark.parametrize("bad", [lambda rng: 3, lambda rng: [1, 2], lambda rng: None])
def test_predictions_or_labels_that_are_no_array_are_refused(bad: Function) -> None:
    [reason] = figure_misses(rules(at_most=0.5), outcomes(bad), outcomes(labels))
    assert reason.startswith("the reference's own error_rate misses the bound on seed 0 (missing)")
    [reason] = figure_misses(rules(at_most=0.5), outcomes(half_right), outcomes(bad))
    assert reason == "its labels on seed 0 are no array"


@pytest.mark.parametrize(("what", "number"), [("zeros", 0), ("ones", 1)])
def test_a_bound_that_constant_predictions_meet_is_refused(what: str, number: int) -> None:
    def mostly(rng: np.random.Generator) -> Any:
        found = labels(rng)
        found[:12] = number
        return found

    [reason] = figure_misses(rules(at_most=0.5), outcomes(mostly), outcomes(mostly))
    assert reason == f"the bound of its error_rate is met by {what} on seed 0"


def test_a_prediction_that_rounding_turns_is_no_reason_against_a_figure() -> None:
    def predicted(rng: np.random.Generator) -> Any:
        return rng.normal(size=20).argsort() % 10

    def one_turned(rng: np.random.Generator) -> Any:
        found = predicted(rng)
        found[0] = (found[0] + 1) % 10
        return found

    assert reasons(predicted, one_turned, figure="error_rate", at_most=0.5) == []  # type: ignore[arg-type]
    [reason] = reasons(predicted, one_turned)
    assert "summed in another order" in reason
