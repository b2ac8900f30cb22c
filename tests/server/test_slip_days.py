"""Slip days are spent where they count: not on what weighs nothing, nor on what is dropped."""

from hypothesis import given
from hypothesis import strategies as st

from grader.course.policy import LatePolicy, Policy
from grader.grading.scores import average, dropped
from grader.server.rules.standings import Record, standing
from tests.server.test_standings import DEFINITIONS, NAMES, examples, history, policies, policy, record

LATE = LatePolicy(slip_days=1, penalty_per_day=0.5, cut_off_days=3)
BOTH_LATE = [
    record("hw0", "p", 2, 1, 0),
    *(record("hw1", question, 10, 1, at) for at, question in enumerate("pq", 1)),
    *(record("hw2", question, 10, 0, at) for at, question in enumerate("pq", 3)),
]
weights = st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=3, max_size=3)
history_of_the_late = st.lists(
    st.builds(
        record,
        st.sampled_from(NAMES),
        st.sampled_from("pq"),
        st.integers(5, 10),
        st.sampled_from([0, 1, 2, 3]),
    ),
    min_size=3,
    max_size=12,
).map(lambda records: [one._replace(attempt=at) for at, one in enumerate(records)])


def weighing(rules: Policy, drop_lowest: int, *each: float) -> Policy:
    entries = [one.model_copy(update={"weight": by}) for one, by in zip(rules.assignments, each, strict=True)]
    return rules.model_copy(update={"assignments": entries, "drop_lowest": drop_lowest})


def average_in_order(rules: Policy, records: list[Record]) -> float:
    """Return the average where each assignment takes what raises it, before anything is dropped."""
    found = standing(rules.model_copy(update={"drop_lowest": 0}), DEFINITIONS, records)
    each = {entry.id: entry.weight for entry in rules.assignments}
    out = dropped(found.scores, each, rules.drop_lowest)
    return average(found.scores, {name: by for name, by in each.items() if name not in out})


def test_a_dropped_assignment_leaves_its_slip_days_to_the_others() -> None:
    found = standing(policy(LATE, drop_lowest=1), DEFINITIONS, BOTH_LATE)
    assert (found.dropped, found.slip_days, found.slip_days_left) == (["hw0"], {"hw1": 1}, 0)
    assert (found.scores["hw1"], found.average) == (100.0, 100.0)


def test_an_assignment_of_weight_0_spends_no_slip_day() -> None:
    rules = weighing(policy(LATE), 0, 0.0, 1.0, 1.0)
    found = standing(rules, DEFINITIONS, BOTH_LATE)
    assert (found.slip_days, found.average) == ({"hw1": 1}, 100.0)
    assert found.scores["hw0"] == 6.0  # 12, less the penalty


def test_slip_days_stay_on_a_dropped_assignment_where_the_next_would_spend_them_for_less() -> None:
    late = LatePolicy(slip_days=3, penalty_per_day=0.5, cut_off_days=3)
    rules = weighing(policy(late), 1, 1.0, 1.0, 2.5)
    records = [
        record("hw0", "p", 5, 2, 0),
        record("hw1", "p", 10, 0, 1),
        record("hw1", "q", 10, 3, 2),  # takes three days or none
        record("hw2", "p", 10, 1, 3),
        record("hw2", "q", 10, 1, 4),
    ]
    found = standing(rules, DEFINITIONS, records)
    assert (found.dropped, found.slip_days) == (["hw0"], {"hw0": 2, "hw2": 1})
    assert found.average == average_in_order(rules, records) == 88.57


@examples
@given(policies, history_of_the_late, st.integers(0, 2), weights)
def test_the_average_is_never_below_that_of_each_taking_its_days_in_order(
    rules: Policy, records: list[Record], count: int, each: list[float]
) -> None:
    weighed = weighing(rules, count, *each)
    assert standing(weighed, DEFINITIONS, records).average >= average_in_order(weighed, records)


@examples
@given(policies, history, st.integers(0, 2), weights)
def test_slip_days_add_up_and_none_is_spent_where_nothing_weighs(
    rules: Policy, records: list[Record], count: int, each: list[float]
) -> None:
    found = standing(weighing(rules, count, *each), DEFINITIONS, records)
    assert found.slip_days_left + sum(found.slip_days.values()) == rules.late.slip_days
    assert not any(by == 0 and name in found.slip_days for name, by in zip(NAMES, each, strict=True))
