"""Properties of the rules that know no database: trees, draws, the hourly limit, tallies and standings."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.course.assignment import Definition
from grader.grading.scores import Tally
from grader.grading.values import take_apart
from grader.grading.verdicts import Kind, Value, judge, judge_figure, value_of
from grader.server.access.keys import is_key, key_digest, new_key, without_keys
from grader.server.rules.answers import Answer, Said
from grader.server.rules.drawing import PoolEmpty, draw, limit_bytes, wait_before_draw
from grader.server.rules.judging import QuestionTally, expectation, expected_blob, judge_answer, tally
from grader.server.rules.standings import Record, standing
from grader.server.rules.trees import array_indices

examples = settings(derandomize=True, deadline=None, database=None, max_examples=60)

RULES = {"rtol": 1e-4, "atol": 1e-6, "figure": "", "at_most": None, "at_least": None}
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)

arrays = hnp.arrays(
    st.sampled_from(["float32", "float64", "int64", "bool", "uint8"]),
    hnp.array_shapes(min_dims=0, max_side=3),
)
numbers = st.integers(-(2**70), 2**70) | st.floats()
values = st.recursive(
    arrays | numbers | st.text(max_size=5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@examples
@given(values)
def test_every_tree_that_take_apart_makes_is_read_with_its_arrays_in_order(value):
    tree, found = take_apart(value)
    assert list(array_indices(tree, "x")) == list(range(len(found)))


@examples
@given(values)
def test_what_is_kept_of_a_value_comes_back_and_equals_itself(value):
    tree, found = take_apart(value)
    one = expectation("q", "c", RULES, expected_blob(tree, "digest", found))
    assert (one.name, one.inputs, one.value.tree) == ("q/c", "digest", tree)
    finite = all(np.isfinite(array).all() for array in found) and "not_finite" not in str(tree)
    if finite:
        assert judge(one.value, value_of(tree, found), RULES).kind is Kind.EQUAL


@examples
@given(st.lists(st.integers(0, 2**63 - 1), unique=True, min_size=1, max_size=20), st.integers(1, 3))
def test_draws_end_a_pool_without_a_repeat_and_then_say_which_is_empty(pool, cases):
    pools = dict.fromkeys(range(cases), pool)
    used: dict[int, set[int]] = {case: set() for case in pools}
    for _ in pool:
        for case, seed in draw(pools, used).items():
            assert seed in pool
            assert seed not in used[case]
            used[case].add(seed)
    with pytest.raises(PoolEmpty) as empty:
        draw(pools, used)
    assert empty.value.case_id == 0


def test_draws_are_spread_over_the_pool():
    drawn = [draw({0: range(4)}, {})[0] for _ in range(400)]
    assert all(50 < drawn.count(seed) < 150 for seed in range(4))


@examples
@given(st.lists(st.integers(0, 7200), max_size=30), st.integers(1, 10))
def test_after_the_wait_and_not_before_a_draw_is_free(ages, per_hour):
    earlier = [NOW - timedelta(seconds=age) for age in ages]
    wait = wait_before_draw(earlier, per_hour, NOW)
    recent = sum(age < 3600 for age in ages)
    assert (wait is None) == (recent < per_hour)
    if wait is not None:
        assert timedelta(0) < wait <= timedelta(hours=1)
        assert wait_before_draw(earlier, per_hour, NOW + wait) is None
        assert wait_before_draw(earlier, per_hour, NOW + wait - timedelta(milliseconds=1)) is not None


@examples
@given(st.lists(st.integers(0, 10**6), max_size=9))
def test_a_limit_has_room_for_the_right_answer_in_a_wider_dtype_and_the_sources(sizes):
    assert limit_bytes(sizes) == 4 * sum(sizes) + 2 * 1024**2


kinds = st.sampled_from(["right", "wrong", "raised", "missing", "other draws"])


@examples
@given(st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), kinds, min_size=1))
def test_a_tally_counts_what_passed_of_all_cases_and_what_was_judged(wanted):
    tree, found = take_apart(np.arange(3.0))
    said = {
        "right": Said("i", value_of(tree, found)),
        "wrong": Said("i", value_of(tree, [found[0] + 1])),
        "raised": Said("j", None, "TypeError"),
        "other draws": Said("j", value_of(tree, found)),
    }
    expectations = [expectation(q, c, RULES, expected_blob(tree, "i", found)) for q, c in wanted]
    answer = Answer({f"{q}/{c}": said[kind] for (q, c), kind in wanted.items() if kind != "missing"}, "1.0")
    for question, one in tally(judge_answer(expectations, answer, "2.0")).items():
        mine = [kind for (name, _), kind in wanted.items() if name == question]
        assert one.tally == Tally(mine.count("right"), len(mine))
        assert one.judged == len(mine) - mine.count("other draws")


tallies = st.integers(1, 6).flatmap(lambda total: st.builds(Tally, st.integers(0, total), st.just(total)))


@examples
@given(tallies, st.integers(0, 6), st.none() | tallies)
def test_a_question_that_was_not_fully_judged_never_lowers_the_points(found, judged, earlier):
    one = QuestionTally(found, min(judged, found.total))
    if one.judged == found.total:
        assert one.counts(earlier.fraction if earlier else 0.0)
    elif one.counts(earlier.fraction if earlier else 0.0):
        assert one.judged > 0
        assert found.fraction > (earlier.fraction if earlier else 0)


@examples
@given(
    st.lists(st.tuples(st.sampled_from(["double", "classify"]), tallies), max_size=8),
    st.sampled_from(["best", "last"]),
)
def test_a_standing_is_what_the_policy_counts_of_each_question(kit, history, rule):
    definition = Definition.model_validate(kit.definition)
    policy = kit.policy.model_copy(update={"counts": rule})
    found = standing(policy, {"tiny0": definition}, [Record("tiny0", name, one) for name, one in history])
    score = 0.0
    for question in definition.questions:
        mine = [one.fraction for name, one in history if name == question.id]
        if mine:
            score += round(question.points * (max(mine) if rule == "best" else mine[-1]), 2)
    assert found.scores.get("tiny0", 0.0) == pytest.approx(score)
    assert found.average == pytest.approx(score * 3 / 4, abs=0.006)


@pytest.mark.parametrize(
    ("dtype", "shape", "kind"),
    [
        ("float32", [2, 2], Kind.SHAPE),
        ("float64", [3, 2], Kind.DTYPE),
        ("float32", [3, 2], Kind.MISSING),
        ("float32", [10**9] * 4, Kind.SHAPE),
    ],
)
def test_an_array_that_was_not_sent_is_judged_by_its_claims(dtype, shape, kind):
    expected = value_of(*take_apart(np.zeros((3, 2), np.float32)))
    found = Value({"omitted": {"dtype": dtype, "shape": shape}}, [])
    assert judge(expected, found, RULES).kind is kind


@pytest.mark.parametrize(("shape", "kind"), [([10**9], Kind.SHAPE), ([3], Kind.MISSING)])
def test_predictions_that_were_not_sent_are_judged_by_their_claims(shape, kind):
    labels = value_of(*take_apart(np.arange(3)))
    found = Value({"omitted": {"dtype": "int64", "shape": shape}}, [])
    assert judge_figure(labels, found, RULES | {"figure": "error_rate", "at_most": 0.5}).kind is kind


def test_keys_are_long_random_and_recognized():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == len({key_digest(key) for key in keys}) == 100
    for key in keys:
        assert is_key(key)
        assert not is_key(key + "x")
        assert not is_key(key + "\n")
        assert without_keys(f"a {key} b") == "a ndl_... b"
