"""Points, to two decimals: never over 100 and the same in every order."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Question
from grader.grading.scores import (
    Tally,
    assignment_score,
    average,
    counting,
    dropped,
    points,
    reaches,
    waiting_for,
    worth,
)

steady = settings(derandomize=True, deadline=None, database=None, max_examples=150)


def question(name: str, worth: float, requires: list[str] | None = None) -> Question:
    return Question(id=name, title=name, points=worth, implement=["a.b.c"], requires=requires or [])


tallies = st.integers(1, 30).flatmap(lambda total: st.builds(Tally, st.integers(0, total), st.just(total)))


@st.composite
def assignments(draw: st.DrawFn) -> list[Question]:
    """Questions of whole cents that add up to 100 points."""
    cuts = sorted(draw(st.sets(st.integers(1, 9999), max_size=8)))
    edges = zip([0, *cuts], [*cuts, 10_000], strict=True)
    return [question(f"q{at}", (stop - start) / 100) for at, (start, stop) in enumerate(edges)]


@pytest.mark.parametrize(
    ("worth", "tally", "expected"),
    [
        (10, Tally(3, 3), 10.0), (10, Tally(0, 3), 0.0), (10, Tally(1, 3), 3.33), (10, Tally(2, 3), 6.67),
        (33.34, Tally(1, 2), 16.67), (10, Tally(0, 0), 0.0), (10, None, 0.0), (100, Tally(999, 1000), 99.9),
    ],
)  # fmt: skip
def test_points_are_the_share_of_what_passed_to_two_decimals(
    worth: float, tally: Tally | None, expected: float
) -> None:
    assert points(question("q", worth), tally) == expected


@steady
@given(st.integers(1, 10_000), tallies)
def test_points_lie_within_half_a_cent_of_the_exact_share(cents: int, tally: Tally) -> None:
    found = points(question("q", cents / 100), tally)
    exact = Fraction(cents, 100) * Fraction(tally.passed, tally.total)
    assert abs(Fraction(str(found)) - exact) <= Fraction(1, 200)
    assert found <= cents / 100


@steady
@given(assignments(), st.data())
def test_a_score_is_the_sum_in_cents_in_every_order_and_at_most_100(
    questions: list[Question], data: st.DataObject
) -> None:
    made = {one.id: data.draw(tallies) for one in questions}
    found = assignment_score(questions, made)
    cents = sum(Decimal(str(points(one, made[one.id]))) for one in questions)
    assert Decimal(str(found)) == cents
    assert 0 <= found <= 100
    assert assignment_score(data.draw(st.permutations(questions)), made) == found


@steady
@given(assignments())
def test_everything_passed_is_exactly_100_and_nothing_run_is_0(questions: list[Question]) -> None:
    assert assignment_score(questions, {one.id: Tally(7, 7) for one in questions}) == 100.0
    assert assignment_score(questions, {}) == 0.0


@steady
@given(st.lists(tallies, min_size=1, max_size=6))
def test_the_best_attempt_counts_by_its_share_and_the_last_by_its_place(attempts: list[Tally]) -> None:
    best, last = counting(attempts, "best"), counting(attempts, "last")
    assert best in attempts
    assert best is not None
    assert all(Fraction(best.passed, best.total) >= Fraction(one.passed, one.total) for one in attempts)
    assert last == attempts[-1]


def test_more_passed_cases_of_a_larger_total_are_not_better() -> None:
    assert counting([Tally(3, 3), Tally(5, 10)], "best") == Tally(3, 3)


def test_without_attempts_nothing_counts() -> None:
    assert counting([], "best") is None
    assert counting([], "last") is None


scored = st.dictionaries(
    st.sampled_from(["hw0", "hw1", "hw2", "hw3", "project"]),
    st.tuples(
        st.integers(0, 10_000).map(lambda cents: cents / 100), st.integers(0, 400).map(lambda n: n / 8)
    ),
    max_size=5,
)


@steady
@given(scored, st.randoms(use_true_random=False))
def test_an_average_is_weighted_within_bounds_and_the_same_in_every_order(
    made: dict[str, tuple[float, float]], random: st.DataObject
) -> None:
    names = list(made)
    random.shuffle(names)  # type: ignore[attr-defined]
    scores, weights = ({name: made[name][at] for name in made} for at in (0, 1))
    found = average(scores, weights)
    assert 0 <= found <= 100
    assert average(scores, {name: weights[name] for name in names}) == found
    total = sum(Fraction(weight) for weight in weights.values())
    exact = (
        sum(Fraction(str(scores[name])) * Fraction(weights[name]) for name in made) / total
        if total
        else Fraction(0)
    )
    assert abs(Fraction(str(found)) - exact) <= Fraction(5001, 10**6)


def test_an_assignment_without_a_score_counts_as_zero_and_one_without_weight_not_at_all() -> None:
    assert average({"hw0": 90.0}, {"hw0": 1.0, "hw1": 2.0}) == 30.0
    assert average({"hw0": 90.0, "hw1": 10.0}, {"hw0": 1.0}) == 90.0
    assert average({"hw0": 90.0, "hw1": 10.0}, {"hw0": 1.0, "hw1": 0.0}) == 90.0
    assert average({"hw0": 90.0}, {"hw0": 0.0}) == 0.0
    assert average({}, {}) == 0.0


def test_three_equal_weights_round_to_the_nearest_cent() -> None:
    found = average({"a": 100.0, "b": 100.0, "c": 0.0}, {"a": 0.1, "b": 0.1, "c": 0.1})
    assert Decimal(str(found)) == (Decimal(200) / 3).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@pytest.mark.parametrize(
    ("made", "waits"),
    [
        ({}, ["log", "exp"]),
        ({"log": Tally(2, 3)}, ["log", "exp"]),
        ({"log": Tally(3, 3)}, ["exp"]),
        ({"log": Tally(3, 3), "exp": Tally(0, 0)}, ["exp"]),
        ({"log": Tally(3, 3), "exp": Tally(1, 1)}, []),
    ],
)
def test_a_question_waits_for_those_it_requires_until_they_pass_in_full(
    made: dict[str, Tally], waits: list[str]
) -> None:
    assert waiting_for(question("softmax", 10, ["log", "exp"]), made) == waits


def test_a_question_that_requires_none_waits_for_none() -> None:
    assert waiting_for(question("log", 10), {}) == []


@steady
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 100))
def test_late_work_keeps_what_its_uncovered_days_leave_and_never_less_than_nothing(
    days: int, slip_days: int, percent: int
) -> None:
    found = worth(days, slip_days, percent / 100)
    exact = 1 - Fraction(percent, 100) * max(0, days - slip_days)
    assert found == pytest.approx(float(max(exact, Fraction(0))))
    assert worth(0, 0, percent / 100) == 1.0


@steady
@given(scored, st.integers(0, 6))
def test_the_lowest_scores_are_dropped_of_those_that_weigh_anything_but_for_one(
    given_scores: dict[str, tuple[float, float]], count: int
) -> None:
    scores = {name: score for name, (score, _) in given_scores.items()}
    weights = {name: weight for name, (_, weight) in given_scores.items()}
    counted = [name for name, weight in weights.items() if weight]
    gone = dropped(scores, weights, count)
    assert len(gone) == max(0, min(count, len(counted) - 1))
    assert set(gone) <= set(counted)
    kept = [scores[name] for name in counted if name not in gone]
    assert all(scores[name] <= low for name in gone for low in kept)


@pytest.mark.parametrize(
    ("average", "threshold", "is_reached"), [(80, 0.8, True), (79.99, 0.8, False), (7, 0.07, True)]
)
def test_a_threshold_is_reached_at_its_very_figure(
    average: float, threshold: float, is_reached: bool
) -> None:
    assert reaches(average, threshold) is is_reached
