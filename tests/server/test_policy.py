"""The policy in force, regrading, people's own due dates, limits a question, history and exports."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from grader.course.policy import LatePolicy, Policy


def due_in(hours: float) -> datetime:
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).replace(microsecond=0)


def dated(kit: SimpleNamespace, due: datetime | None, **changes: Any) -> Policy:
    entry, *others = kit.policy.assignments
    late = LatePolicy(penalty_per_day=0.5, cut_off_days=2)
    entries = [entry.model_copy(update={"due": due}), *others]
    return kit.policy.model_copy(update={"assignments": entries, "late": late} | changes)


@pytest.fixture(scope="module")
def dated_server(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server whose course has a due date far off, and a student."""
    policy = dated(kit, datetime(2030, 7, 1, 12, tzinfo=timezone.utc))
    server = kit.Running(tmp_path_factory.mktemp("dated"), policy)
    yield server, server.student()
    server.stop()


def content_of(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json")


def at(said: str) -> datetime:
    return datetime.fromisoformat(said.replace("Z", "+00:00"))


def extend(server: Any, email: str, **how: Any) -> Any:
    return server.instructor.post("/extensions", {"email": email, "assignment": "tiny0"} | how)


def audited(server: Any, action: str) -> list[Any]:
    return server.query(
        f"SELECT actor_id, person_id, assignment, detail FROM audit WHERE action = '{action}'"
    )


def test_a_dry_run_says_who_would_move_and_why_and_changes_nothing(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    good, _idle = server.student("Good"), server.student("Idle")
    good.scored(good.drawn("double"))
    new = dated(kit, due_in(-30))
    asked = {"policy": content_of(new), "dry_run": True}
    answer = server.instructor.post("/regrade", asked).json()
    fields = [one["field"] for one in answer["changes"]]
    assert fields == ["late.penalty_per_day", "late.cut_off_days", "assignments.tiny0.due"]
    assert (answer["changes"][0]["before"], answer["changes"][0]["after"]) == (0.0, 0.5)
    assert (answer["applied"], answer["unmoved"]) == (False, 1)
    [moved] = answer["moved"]
    assert (moved["email"], moved["average_before"], moved["average_after"]) == (good.email, 30.0, 0.0)
    assert moved["scores"] == [{"assignment": "tiny0", "before": 40.0, "after": 0.0}]
    assert good.get("/me")["average"] == 30.0
    assert server.instructor.get("/policy")["number"] == 1
    assert audited(server, "policy") == []


def test_a_regrade_is_in_force_at_once_for_every_stored_attempt_and_on_record(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    good = server.student("Good")
    good.scored(good.drawn("double"))
    new = dated(kit, due_in(-1))
    assert server.instructor.post("/regrade", {"policy": content_of(new)}).json()["applied"]
    assert good.get("/me")["average"] == 15.0
    assert server.instructor.get("/gradebook")["people"][0]["scores"] == {"tiny0": 20.0}
    policy = server.instructor.get("/policy")
    assert (policy["number"], policy["content"]["late"]["penalty_per_day"]) == (2, 0.5)
    assert "@" in policy["applied_by"]
    assert len(audited(server, "policy")) == 1
    again = server.instructor.post("/regrade", {"policy": content_of(new)}).json()
    assert (again["applied"], again["changes"], again["moved"]) == (False, [], [])
    server.instructor.post("/regrade", {"policy": content_of(kit.policy)})
    assert good.get("/me")["average"] == 30.0


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"id": "other"}, 409, "Expected its own course.yaml"),
        ({"counts": "worst"}, 422, "counts"),
        ({"late": {"slip_days": 1}}, 422, "late.slip_days: it is never used"),
        ({"late": {"cut_off_days": 10**9}}, 422, "cut_off_days"),
        ({"color": "red"}, 422, "color"),
        ({"late": {"\ud800": 1}}, 422, "course.yaml"),
    ],
)
def test_a_policy_that_is_none_is_refused_and_nothing_changes(
    server: Any, kit: Any, change: dict[str, Any], status: int, said: str
) -> None:
    response = server.instructor.post("/regrade", {"policy": content_of(kit.policy) | change})
    assert response.status_code == status
    assert said in response.json()["error"]
    assert server.instructor.get("/policy")["number"] == 1


def test_a_server_started_with_another_course_yaml_says_so_and_keeps_its_policy(
    start: Any, kit: Any, log: Any
) -> None:
    first = start()
    first.stop()
    assert "differs" not in log.getvalue()
    again = start(first.data, policy=dated(kit, due_in(3)))
    assert "course.yaml differs from the policy in force in late.penalty_per_day" in log.getvalue()
    assert "grader regrade" in log.getvalue()
    assert again.app.state.services.policies.current.late.penalty_per_day == 0


def test_an_extension_opens_the_assignment_again_for_one_person(start: Any, kit: Any) -> None:
    server = start(policy=dated(kit, due_in(-50)))
    server.instructor.publish(kit.publication())
    one, other = server.student(), server.student()
    assert one.draw().status_code == 403
    made = extend(server, one.email, days=3, reason="ill").json()
    assert (made["email"], made["reason"], made["text"]) == (one.email, "ill", "")
    assert one.scored(one.drawn())["score"] == 100.0
    assert other.draw().status_code == 403
    mine = one.get("/me")["assignments"][0]
    assert (mine["extended"], mine["phase"], mine["days_late"]) == (True, "open", 0)
    assert at(mine["due"]) == at(made["due"])
    [listed] = server.instructor.get("/extensions")["extensions"]
    assert (listed["email"], listed["granted_by"]) == (one.email, server.instructor.get("/me")["email"])
    removal = {"email": one.email, "assignment": "tiny0"}
    assert server.instructor.post("/extensions/remove", removal).json() == {"extensions": []}
    assert one.get("/me")["assignments"][0]["score"] == 0.0
    assert server.instructor.post("/extensions/remove", removal).status_code == 404
    assert len(audited(server, "extend")) == 2


def test_an_extension_until_a_time_is_in_the_courses_zone(start: Any, kit: Any) -> None:
    server = start(policy=dated(kit, datetime(2030, 7, 1, 12, tzinfo=timezone.utc)))
    student = server.student()
    made = extend(server, student.email, until="2030-07-05 23:59").json()
    assert made["due"] == "2030-07-05T23:59:00+02:00"
    assert made["cut_off"] == "2030-07-07T23:59:00+02:00"
    assert (
        extend(server, student.email, until="2030-07-06 23:59")
        .json()["due"]
        .startswith("2030-07-06T23:59:00")
    )


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({}, 422, "Expected either a date, until, or a number of days"),
        ({"until": "2031-01-01 00:00", "days": 1}, 422, "Expected either"),
        ({"until": "2030-06-01 00:00"}, 422, "tiny0 is due for everybody on 2030-07-01 14:00 CEST"),
        ({"until": "9999-12-31 23:59"}, 422, "Expected one up to 9000"),
        ({"until": "soon"}, 422, "until"),
        ({"days": 0}, 422, "days"),
        ({"days": 1, "assignment": "later"}, 422, "later has no due date"),
        ({"days": 1, "assignment": "hw9"}, 404, "This course has no assignment 'hw9'"),
        ({"days": 1, "reason": "a\x00b"}, 422, "reason"),
        ({"days": 1, "email": "nobody@example.org"}, 404, "Nobody here has the address nobody@example.org"),
    ],
)
def test_an_extension_that_can_not_be_is_refused(
    dated_server: Any, change: dict[str, Any], status: int, said: str
) -> None:
    server, student = dated_server
    asked = {"email": student.email, "assignment": "tiny0"} | change
    response = server.instructor.post("/extensions", asked)
    assert response.status_code == status
    assert said in response.json()["error"]
    assert server.instructor.get("/extensions") == {"extensions": []}


def test_a_question_drawn_too_often_is_refused_by_name_or_left_out(start: Any, kit: Any) -> None:
    server = start(policy=kit.policy.model_copy(update={"attempts_per_question_per_hour": 2}))
    server.instructor.publish(kit.publication())
    student = server.student()
    for _ in range(2):
        student.drawn("double")
    named = student.draw("double", "classify")
    assert named.status_code == 429
    assert "double: you have drawn it 2 times in an hour" in named.json()["error"]
    assert 3500 < int(named.headers["Retry-After"]) <= 3600
    whole = student.drawn()
    assert list(whole["seeds"]) == ["classify"]
    assert "try again in 60 min" in whole["left_out"]["double"]
    student.drawn("classify")
    assert student.draw().status_code == 429
    server.clock.move(minutes=61)
    assert set(student.drawn()["seeds"]) == {"double", "classify"}


def test_a_history_says_of_each_attempt_what_it_earned_and_whether_it_counts(start: Any, kit: Any) -> None:
    server = start(policy=dated(kit, due_in(1)))
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    student.drawn()
    server.clock.move(hours=2)
    late = student.drawn()
    student.scored(late)
    history = student.get("/me/attempts")
    assert [one["state"] for one in history["attempts"]] == ["scored", "closed", "scored"]
    newest, closed, first = history["attempts"]
    assert (newest["version"], newest["days_late"], newest["drawn"]) == (1, 1, ["double", "classify"])
    assert [(one["id"], one["earned"], one["counts"]) for one in newest["questions"]] == [
        ("double", 20.0, False),
        ("classify", 30.0, True),
    ]
    assert (first["questions"][0]["earned"], first["questions"][0]["counts"]) == (40.0, True)
    assert closed["questions"] == []
    assert server.instructor.get(f"/people/{student.email}/attempts") == history
    assert student.get("/me/attempts?assignment=over")["attempts"] == []
    unknown = server.instructor.request("GET", "/people/nobody@example.org/attempts")
    assert unknown.status_code == 404
    assert student.request("GET", f"/people/{student.email}/attempts").status_code == 403


def test_the_gradebook_is_a_table_in_which_no_name_is_a_formula(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    good, _idle = server.student("=cmd|' /C calc'!A0"), server.student('Idle, "the" one')
    good.scored(good.drawn("double"))
    response = server.instructor.request("GET", "/gradebook.csv")
    assert response.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(response.text)))
    assert rows[0] == ["name", "email", "section", "tiny0", "average", "days_late", "slip_days_left"]
    assert rows[1] == ["'=cmd|' /C calc'!A0", good.email, "", "40.00", "30.00", "0", "0"]
    assert rows[2][0] == 'Idle, "the" one'
    assert rows[2][3:] == ["0.00", "0.00", "0", "0"]


def test_the_gradebook_is_a_table_that_canvas_imports(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    good, idle = server.student("Good"), server.student("Idle")
    good.scored(good.drawn())
    text = server.instructor.request("GET", "/gradebook.csv?format=canvas").text
    assert list(csv.reader(io.StringIO(text))) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "tiny0: Tiny <b>"],
        ["    Points Possible", "", "", "", "", "100.00"],
        ["Good", "", "", good.email, "", "100.00"],
        ["Idle", "", "", idle.email, "", ""],
    ]
    assert server.instructor.request("GET", "/gradebook.csv?format=xls").status_code == 422


def test_a_persons_results_have_the_fields_of_gradescope(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    found = server.instructor.get(f"/people/{student.email}/results/tiny0")
    assert (found["score"], found["visibility"]) == (40.0, "visible")
    statuses = [(one["score"], one["max_score"], one["status"], one["output"]) for one in found["tests"]]
    assert statuses == [
        (40.0, 40.0, "passed", "2 of 2 cases passed."),
        (0.0, 60.0, "failed", "not handed in."),
    ]
    for path, said in (
        ("nobody@x.org/results/tiny0", "Nobody here"),
        (f"{student.email}/results/x", "no assignment"),
    ):
        response = server.instructor.request("GET", f"/people/{path}")
        assert response.status_code == 404
        assert said in response.json()["error"]
