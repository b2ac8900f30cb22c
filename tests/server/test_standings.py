"""Standings: what is late, what that costs, slip days, what is dropped, and what people are shown of it."""

import math
from datetime import datetime, timedelta, timezone
from itertools import product
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Definition
from grader.course.policy import LatePolicy, Policy
from grader.grading.scores import Tally
from grader.server.grades.policies import stored_policy
from grader.server.rules.schedule import dates_of, last_cut_off
from grader.server.rules.standings import Record, Standing, standing
from grader.server.store.records import all_records

examples = settings(derandomize=True, deadline=None, database=None, max_examples=150)

DUE = datetime(2026, 10, 1, 21, 59, tzinfo=timezone.utc)
NAMES = ("hw0", "hw1", "hw2")


def policy(late: LatePolicy | None = None, **changes: Any) -> Policy:
    content = {
        "id": "c",
        "title": "C",
        "assignments": [{"id": name, "due": DUE + timedelta(days=30 * at)} for at, name in enumerate(NAMES)],
        "late": late or LatePolicy(),
    }
    return Policy.model_validate(content | changes)


def definition(name: str) -> Definition:
    questions = [
        {"id": one, "title": one, "points": points, "implement": [f"a.{one}"]}
        for one, points in (("p", 60), ("q", 40))
    ]
    return Definition.model_validate({"id": name, "title": name, "adds": ["a.py"], "questions": questions})


DEFINITIONS = {name: definition(name) for name in NAMES}


def due_of(name: str) -> datetime:
    return DUE + timedelta(days=30 * NAMES.index(name))


def record(name: str, question: str, passed: int, days: float, number: int = 0) -> Record:
    return Record(name, question, Tally(passed, 10), due_of(name) + timedelta(days=days), number)


history = st.lists(
    st.builds(
        record,
        st.sampled_from(NAMES),
        st.sampled_from("pq"),
        st.integers(0, 10),
        st.sampled_from([-3, -0.01, 0, 0.2, 1, 1.5, 2, 2.9, 3]),
    ),
    max_size=12,
).map(lambda records: [one._replace(attempt=at) for at, one in enumerate(records)])
policies = st.builds(
    lambda slip, penalty, counts: policy(
        LatePolicy(slip_days=slip, penalty_per_day=penalty, cut_off_days=3), counts=counts
    ),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]),
    st.sampled_from(["best", "last"]),
)


def expected_score(rules: Policy, records: list[Record], name: str, slip: int) -> float:
    """Return an assignment's score from the rules as they are written, with so many slip days spent on it."""
    total = 0.0
    for question in DEFINITIONS[name].questions:
        values = [
            one.tally.passed / 10 * max(0.0, 1 - rules.late.penalty_per_day * max(0, _days(one) - slip))
            for one in records
            if (one.assignment, one.question) == (name, question.id)
        ]
        if values:
            total += round(question.points * (max(values) if rules.counts == "best" else values[-1]), 2)
    return round(total, 2)


def _days(one: Record) -> int:
    assert one.drawn_at is not None
    return max(0, math.ceil((one.drawn_at - due_of(one.assignment)) / timedelta(days=1)))


@examples
@given(policies, history)
def test_each_assignment_in_order_spends_the_fewest_slip_days_of_its_highest_score(
    rules: Policy, records: list[Record]
) -> None:
    found = standing(rules, DEFINITIONS, records)
    left = rules.late.slip_days
    for name in NAMES:
        scores = [expected_score(rules, records, name, slip) for slip in range(left + 1)]
        spent = scores.index(max(scores))
        assert found.slip_days.get(name, 0) == spent
        assert found.scores.get(name, 0.0) == pytest.approx(scores[spent], abs=0.011)
        left -= spent
    assert found.slip_days_left == left


@examples
@given(policies, history)
def test_slip_days_never_cost_the_average_and_without_a_penalty_none_is_spent(
    rules: Policy, records: list[Record]
) -> None:
    def with_slip_days(count: int) -> Standing:
        late = rules.late.model_copy(update={"slip_days": count})
        return standing(rules.model_copy(update={"late": late}), DEFINITIONS, records)

    assert with_slip_days(rules.late.slip_days).average >= with_slip_days(0).average
    if rules.late.penalty_per_day == 0:
        assert with_slip_days(5).slip_days == {}


@examples
@given(history, st.sampled_from(["best", "last"]))
def test_without_dates_nothing_is_late_whatever_the_late_policy(records: list[Record], counts: str) -> None:
    entries = [{"id": name} for name in NAMES]
    harsh = policy(
        LatePolicy(slip_days=2, penalty_per_day=1.0, cut_off_days=1), assignments=entries, counts=counts
    )
    plain = policy(assignments=entries, counts=counts)
    timeless = [one._replace(drawn_at=None) for one in records]
    found = standing(harsh, DEFINITIONS, records)
    assert found.scores == standing(plain, DEFINITIONS, timeless).scores
    assert (found.slip_days, found.slip_days_left) == ({}, 2)


@examples
@given(policies, history, st.integers(0, 4))
def test_the_average_leaves_out_the_lowest_scores_and_never_all(
    rules: Policy, records: list[Record], count: int
) -> None:
    found = standing(rules.model_copy(update={"drop_lowest": count}), DEFINITIONS, records)
    kept = [name for name in NAMES if name not in found.dropped]
    assert len(found.dropped) == min(count, 2)
    assert kept
    for low, high in product(found.dropped, kept):
        assert found.scores.get(low, 0.0) <= found.scores.get(high, 0.0)
    assert found.average == pytest.approx(sum(found.scores.get(n, 0.0) for n in kept) / len(kept), abs=0.006)


def test_of_late_attempts_the_best_after_the_penalty_counts_and_the_last_by_its_place() -> None:
    late = LatePolicy(penalty_per_day=0.2, cut_off_days=3)
    records = [record("hw0", "p", 9, -1, 1), record("hw0", "p", 10, 1.5, 2)]
    best = standing(policy(late), DEFINITIONS, records)
    assert (best.scores["hw0"], best.marks["hw0"]["p"].attempt, best.days_late("hw0")) == (54.0, 1, 0)
    last = standing(policy(late, counts="last"), DEFINITIONS, records)
    assert (last.scores["hw0"], last.marks["hw0"]["p"].attempt, last.days_late("hw0")) == (36.0, 2, 2)


def test_an_attempt_after_the_cut_off_of_a_new_policy_counts_for_nothing() -> None:
    late = LatePolicy(cut_off_days=1)
    found = standing(policy(late), DEFINITIONS, [record("hw0", "p", 10, 1.01), record("hw1", "p", 10, 1)])
    assert found.scores == {"hw1": 60.0}


def test_a_persons_own_due_date_moves_what_is_late() -> None:
    late, records = LatePolicy(penalty_per_day=0.5, cut_off_days=2), [record("hw0", "p", 10, 1.5)]
    own = {"hw0": DUE + timedelta(days=1)}
    assert standing(policy(late), DEFINITIONS, records).scores == {"hw0": 0.0}
    assert standing(policy(late), DEFINITIONS, records, own).scores == {"hw0": 30.0}


@pytest.mark.parametrize(
    ("seconds", "days"), [(-1, 0), (0, 0), (1, 1), (86_400, 1), (86_401, 2), (172_800, 2), (172_801, 3)]
)
def test_every_begun_day_of_24_hours_is_late_also_when_summer_time_ends(seconds: int, days: int) -> None:
    zone = ZoneInfo("Europe/Berlin")  # on 2026-10-25 a day of 25 hours
    due = datetime(2026, 10, 24, 23, 59, tzinfo=zone)
    rules = policy(
        LatePolicy(cut_off_days=2), time_zone="Europe/Berlin", assignments=[{"id": "hw0", "due": due}]
    )
    dates = dates_of(rules, rules.assignments[0])
    drawn = (due.astimezone(timezone.utc) + timedelta(seconds=seconds)).astimezone(zone)
    assert dates.days_late(drawn) == days
    assert (dates.phase(drawn) == "over") == (days > 2)


def test_an_extension_before_the_courses_own_due_date_changes_nothing() -> None:
    rules = policy(LatePolicy(cut_off_days=1))
    dates = dates_of(rules, rules.assignments[0], {"hw0": DUE - timedelta(days=2)})
    assert (dates.due, dates.extended) == (DUE, False)


def test_the_last_cut_off_is_the_latest_of_anyone_and_there_is_none_without_dates() -> None:
    rules = policy(LatePolicy(cut_off_days=1))
    extended = [DUE + timedelta(days=4), DUE + timedelta(days=2)]
    assert last_cut_off(rules, rules.assignments[0], extended) == DUE + timedelta(days=5)
    assert last_cut_off(rules, rules.assignments[0], []) == DUE + timedelta(days=1)
    timeless = policy(assignments=[{"id": "hw0"}])
    assert last_cut_off(timeless, timeless.assignments[0], extended) is None


def test_a_stored_policy_of_another_grader_is_read_with_what_both_know() -> None:
    content = policy(LatePolicy(slip_days=3, cut_off_days=1)).model_dump(mode="json")
    assert content["assignments"][0]["due"].endswith("Z")
    content["late"]["grace_minutes"] = 5
    content["assignments"][1]["color"] = "red"
    content["unheard_of"] = {"a": 1}
    del content["drop_lowest"], content["certificate"]
    read = stored_policy(content)
    assert (read.late.slip_days, read.due_of(read.assignments[0]), read.drop_lowest) == (3, DUE, 0)


def late_course(kit: SimpleNamespace, due: datetime, **changes: Any) -> Policy:
    """Return the course with a due date for `tiny0`."""
    entry, *others = kit.policy.assignments
    late = LatePolicy(slip_days=1, penalty_per_day=0.25, cut_off_days=3)
    entries = [entry.model_copy(update={"due": due}), *others]
    return kit.policy.model_copy(update={"assignments": entries, "late": late} | changes)


def test_late_work_loses_its_penalty_but_for_slip_days_and_everybody_is_told(start: Any, kit: Any) -> None:
    server = start(policy=late_course(kit, datetime.now(timezone.utc) + timedelta(hours=1)))
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    server.clock.move(hours=1 + 24 + 1)
    attempt = student.drawn("classify")
    assert attempt["days_late"] == 2
    reply = student.scored(attempt)
    assert (reply["score"], reply["days_late"], reply["slip_days"], reply["slip_days_left"]) == (
        85.0,
        2,
        1,
        0,
    )
    assert (reply["questions"][0]["earned"], reply["questions"][0]["best_earned"]) == (60.0, 45.0)
    me = student.get("/me")
    mine = me["assignments"][0]
    assert (mine["score"], mine["days_late"], mine["slip_days"], mine["phase"]) == (85.0, 2, 1, "late")
    assert mine["seconds_left"] == pytest.approx(47 * 3600, abs=60)
    assert [(one["state"], one["days_late"]) for one in mine["questions"]] == [("solved", 0), ("solved", 2)]
    assert (me["slip_days"], me["slip_days_left"]) == (1, 0)
    [row] = server.instructor.get("/gradebook")["people"]
    assert (row["scores"], row["days_late"], row["slip_days"]) == (
        {"tiny0": 85.0},
        {"tiny0": 2},
        {"tiny0": 1},
    )
    server.clock.move(hours=48)
    refused = student.draw()
    assert refused.status_code == 403
    assert "was due on" in refused.json()["error"]


def test_the_gradebook_has_every_student_and_no_instructor(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    good, idle = server.student("Good"), server.student("Idle")
    good.scored(good.drawn())
    book = server.instructor.get("/gradebook")
    [tiny] = book["assignments"]
    assert (tiny["id"], tiny["title"], tiny["weight"], tiny["version"]) == ("tiny0", "Tiny <b>", 3.0, 1)
    rows = [(one["name"], one["email"], one["scores"], one["average"]) for one in book["people"]]
    assert rows == [("Good", good.email, {"tiny0": 100.0}, 75.0), ("Idle", idle.email, {}, 0.0)]
    assert [one["reached"] for one in book["people"]] == [False, False]


def test_the_gradebook_follows_each_answer_and_each_new_version(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()

    def score() -> Any:
        return server.instructor.get("/gradebook")["people"][0]["scores"]

    assert score() == {}
    student.scored(student.drawn("double"))
    assert score() == {"tiny0": 40.0}
    student.scored(student.drawn("classify"))
    assert score() == {"tiny0": 100.0}
    questions = [one | {"points": 100 - one["points"]} for one in kit.definition["questions"]]
    server.instructor.publish(
        kit.publication(digest="b" * 64, definition=kit.definition | {"questions": questions})
    )
    other = server.student()
    content = other.draw("double", digest="b" * 64).json()
    other.scored(content)
    people = server.instructor.get("/gradebook")["people"]
    assert [one["scores"] for one in people] == [{"tiny0": 100.0}, {"tiny0": 60.0}]


def test_the_gradebook_follows_points_that_are_corrected_in_place(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    assert server.instructor.get("/gradebook")["people"][0]["scores"] == {"tiny0": 40.0}
    double, classify = kit.definition["questions"]
    questions = [double | {"points": 70}, classify | {"points": 30}]
    corrected = kit.publication(definition=kit.definition | {"questions": questions})
    assert server.instructor.publish(corrected).status_code == 200
    assert student.get("/me")["assignments"][0]["score"] == 70.0
    assert server.instructor.get("/gradebook")["people"][0]["scores"] == {"tiny0": 70.0}


def test_standings_are_not_kept_under_a_policy_that_came_meanwhile(
    start: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    here = server.app.state.services
    numbered, read = type(here.policies).numbered, []
    entry, *others = kit.policy.assignments
    over = {"release": datetime(2000, 1, 1), "due": datetime(2001, 1, 1)}
    ended = kit.policy.model_copy(update={"assignments": [entry.model_copy(update=over), *others]})

    def then_another(policies: Any) -> Any:
        found = numbered.fget(policies)
        if not read:
            read.append(found)
            policies.apply(ended, here.people.sign_in(server.instructor.key))
        return found

    with here.database.read() as session:
        people = [2]
        with monkeypatch.context() as patch:
            patch.setattr(type(here.policies), "numbered", property(then_another))
            assert here.standings.everybody(session, people)[2].scores == {"tiny0": 40.0}
    with here.database.read() as session:
        assert here.standings.everybody(session, people)[2].scores == {}


def test_an_attempt_answered_while_results_are_read_waits_for_the_next_reading(
    start: Any, kit: Any, empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(database_url=empty_postgres)
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    with server.app.state.services.database.read() as session:
        execute, statements = session.execute, []

        def answered_between(*arguments: Any, **options: Any) -> Any:
            statements.append(arguments)
            if len(statements) == 2:
                student.scored(student.drawn("classify"))
            return execute(*arguments, **options)

        monkeypatch.setattr(session, "execute", answered_between)
        assert [one.question for _, one in all_records(session, [2])] == ["double"]
        assert [one.question for _, one in all_records(session, [2])] == ["double", "classify"]


def test_me_has_every_open_assignment_with_its_questions(server: Any, student: Any) -> None:
    student.scored(student.drawn("double"))
    me = student.get("/me")
    assert [one["id"] for one in me["assignments"]] == ["tiny0", "over"]
    tiny, over = me["assignments"]
    assert (tiny["weight"], tiny["score"], tiny["attempts"]) == (3.0, 40.0, 1)
    assert (tiny["due"], tiny["phase"], over["phase"]) == (None, "open", "over")
    first, second = tiny["questions"]
    assert (first["earned"], first["state"], first["group"]) == (40.0, "solved", "Numbers")
    assert (second["id"], second["points"], second["earned"]) == ("classify", 60.0, 0.0)
    assert second["state"] == "not_started"
    assert (me["average"], me["threshold"], me["course"]["id"]) == (30.0, 0.8, "tiny")
    assert not me["reached"]
