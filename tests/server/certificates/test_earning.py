"""Who has earned a certificate, and what the others are told is missing."""

from collections.abc import Callable

import pytest
from certified_course import graduate
from running_server import Person, Running

from grader.course.policy import CertificatePolicy
from grader.server.certificates.earning import missing


def accept_project(server: Running, person: Person) -> None:
    """Write into the database what a reviewer's acceptance leaves there."""
    at, found = "2026-01-01 00:00:00", "(select id from people where email = :email)"
    with server.app.state.services.database.engine.begin() as connection:
        for statement in (
            f"insert into groups (id, name, code, created_at) values (1, 'g', 'c', '{at}')",
            f"insert into members (person_id, group_id, joined_at) values ({found}, 1, '{at}')",
            "insert into hand_ins (id, group_id, person_id, kind, track, at, file, size, checks) "
            f"values (1, 1, {found}, 'project', '', '{at}', 'f', 1, '{{}}')",
            "insert into reviews (hand_in_id, reviewer_id, points, comments, accepted, at) "
            f"values (1, 1, '{{}}', '{{}}', 1, '{at}')",
        ):
            connection.exec_driver_sql(statement.replace(":email", f"'{person.email}'"))


@pytest.mark.parametrize(
    ("average", "accepted", "said"),
    [
        (80.0, True, []),
        (79.99, True, ["average 79.99 of 80"]),
        (100.0, False, ["the project is not accepted yet"]),
        (74.2, False, ["average 74.20 of 80", "the project is not accepted yet"]),
    ],
)
def test_what_is_missing_is_named_exactly(average: float, accepted: bool, said: list[str]) -> None:
    assert missing(average, accepted, CertificatePolicy(threshold=0.8)) == said


def test_an_average_that_is_shown_as_enough_is_enough() -> None:
    assert missing(57.0, False, CertificatePolicy(threshold=0.57, project_required=False)) == []


def test_the_half_done_are_told_what_is_missing_and_get_nothing(open_course: Callable[..., Running]) -> None:
    server = open_course(project_required=True)
    student = server.student()
    student.scored(student.drawn("double"))
    standing = student.get("/certificate")
    said = ["average 40.00 of 80", "the project is not accepted yet"]
    assert (standing["missing"], standing["certificate"]) == (said, None)
    refused = student.post("/certificate", {})
    assert refused.status_code == 409
    assert "; ".join(said) in refused.json()["error"]
    assert student.request("GET", "/certificate/document").status_code == 404
    assert server.query("select count(*) from certificates") == [(0,)]


def test_an_accepted_project_is_what_was_missing(open_course: Callable[..., Running]) -> None:
    server = open_course(project_required=True)
    student = graduate(server)
    assert student.get("/certificate")["missing"] == ["the project is not accepted yet"]
    accept_project(server, student)
    assert student.post("/certificate", {}).status_code == 200
