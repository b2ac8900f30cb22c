"""The dates of the project: its release, when things are due, and extensions of a whole group."""

from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from project_requests import PROPOSAL, error, group, hand_in, handed_in
from running_server import Person, Running
from small_project import DEFINITION

from grader.course.policy import Policy
from grader.server.rules.project import project_dates


def test_nothing_is_taken_after_its_due_date_but_what_is_there_already(
    course: Any, archive: bytes, another: bytes
) -> None:
    now = datetime.now(timezone.utc)
    server = course(proposal_due=now + timedelta(days=1), due=now + timedelta(days=2))
    student = server.student()
    group(student)
    server.clock.move(hours=30)
    said = error(hand_in(student, PROPOSAL, kind="proposal"), 403)
    assert said.startswith("The proposal was due on")
    handed_in(student, archive)
    server.clock.move(hours=30)
    assert hand_in(student, archive).json()["created"] is False
    assert "The project was due on" in error(hand_in(student, another), 403)


def extend(server: Running, person: Person, **how: Any) -> requests.Response:
    asked = {"email": person.email, "assignment": "project"} | how
    return server.instructor.post("/extensions", asked)


def test_an_extension_moves_both_dates_of_the_whole_group_and_of_nobody_else(
    course: Any, archive: bytes
) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    dates = {"proposal_due": now + timedelta(days=1), "due": now + timedelta(days=2)}
    server = course(**dates)
    first, second, other = (server.student() for _ in range(3))
    second.post("/project/groups/join", {"code": group(first)["code"]})
    group(other, "Beta")
    made = extend(server, second, until=(now + timedelta(days=5)).isoformat()).json()
    assert made["due"] == made["cut_off"]
    assert made["text"] == "It holds for their whole group, and the date of its proposal moves as far."
    extend(server, first, until=(now + timedelta(days=3)).isoformat())  # the group has the latest of these
    for person, later in ((first, timedelta(days=3)), (second, timedelta(days=3)), (other, timedelta())):
        mine = person.get("/project")
        found = [datetime.fromisoformat(mine[name].replace("Z", "+00:00")) for name in dates]
        assert found == [date + later for date in dates.values()]
    server.clock.move(days=3.9)
    handed_in(first, PROPOSAL, kind="proposal")
    assert "The proposal was due on" in error(hand_in(other, PROPOSAL, kind="proposal"), 403)
    server.clock.move(days=1)
    assert "The proposal was due on" in error(hand_in(first, b"# New\n", kind="proposal"), 403)
    handed_in(second, archive)
    removed = server.instructor.post(
        "/extensions/remove", {"email": second.email, "assignment": "project"}
    ).json()
    assert removed["extensions"] == []
    assert "The project was due on" in error(hand_in(first, archive, track="own"), 403)


def test_days_of_an_extension_of_the_project_are_counted_by_the_clock_on_the_wall() -> None:
    policy = Policy.model_validate(
        {
            "id": "tiny",
            "title": "Tiny",
            "time_zone": "Europe/Berlin",
            "assignments": [{"id": "hw0"}],
            "project": {"proposal_due": "2026-03-27 23:59", "due": "2026-04-10 23:59"},
        }
    )
    own = datetime(2026, 4, 12, 21, 59, tzinfo=timezone.utc)
    dates = project_dates(policy, own)  # the proposal's moves over the hour that summer time takes
    assert [str(date) for date in (dates.proposal_due, dates.due)] == [
        "2026-03-29 23:59:00+02:00",
        "2026-04-12 23:59:00+02:00",
    ]
    assert project_dates(policy, own - timedelta(days=2)) == project_dates(policy, None)


def test_a_project_without_a_date_can_not_be_extended_nor_one_that_is_not_there(course: Any) -> None:
    server = course()
    assert "project has no due date" in error(extend(server, server.student(), days=2), 422)


def test_a_course_without_a_project_extends_none(server: Any) -> None:
    assert "no assignment 'project'" in error(extend(server, server.student(), days=2), 404)


def test_nothing_is_shown_or_taken_before_the_release(course: Any, archive: bytes) -> None:
    server = course(release=datetime.now(timezone.utc) + timedelta(days=1))
    student = server.student()
    assert "The project is released on" in error(student.request("GET", "/project"), 404)
    assert "The project is released on" in error(student.post("/project/groups", {"name": "A"}), 404)
    assert "The project is released on" in error(hand_in(student, archive), 404)
    url = f"{server.url}/api/v1/assignments/project/release"
    assert "The project is released on" in error(requests.get(url, timeout=10), 404)
    assert server.instructor.get("/project")["title"] == DEFINITION["title"]
    server.clock.move(hours=25)
    assert requests.get(url, timeout=10).content == b"an archive"
    assert student.get("/project")["group"] is None
