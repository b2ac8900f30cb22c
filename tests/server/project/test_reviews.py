"""Reviews by the rubric, checks that an instructor repeats, and who may do what."""

from typing import Any

import pytest
from project_requests import (
    CHECKS,
    POINTS,
    assistant,
    blob,
    error,
    group,
    handed_in,
    project_publication,
    review,
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"points": {"idea": 30}}, "points: 'work' is missing or unknown"),
        ({"points": POINTS | {"style": 1}}, "points: 'style' is missing or unknown. Expected idea, work"),
        ({"points": POINTS | {"idea": 41}}, "points: idea: found 41. Expected 0 to 40"),
        ({"points": POINTS | {"idea": -1}}, "points: idea: found -1. Expected 0 to 40"),
        ({"comments": {"style": "x"}}, "comments: 'style' is no criterion"),
    ],
)
def test_a_review_that_the_rubric_does_not_know_is_refused(
    course: Any, archive: bytes, changes: dict[str, Any], said: str
) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    assert said in error(review(server.instructor, number, **changes), 422)
    assert student.get("/project")["hand_ins"][0]["review"] is None


@pytest.mark.parametrize("text", ["\ud800", "\x00", "<script>alert(1)</script>", "x" * 10_000])
def test_any_text_of_a_comment_is_kept_or_refused(course: Any, archive: bytes, text: str) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    response = review(server.instructor, number, comments={"": f"a {text}"[:10_000]})
    assert response.status_code in (200, 422), response.text
    kept = student.get("/project")["hand_ins"][0]["review"]
    assert (kept is None) == (response.status_code == 422)


def test_a_reviewer_does_not_review_their_own_groups_project(course: Any, archive: bytes) -> None:
    server = course()
    one = assistant(server)
    group(one)
    number = handed_in(one, archive)["id"]
    assert "your own group's project" in error(review(one, number), 403)


def test_repeated_checks_stand_beside_those_that_came_along(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    failed = {"tests": [{"check": "training", "name": "it ends", "passed": False, "message": "it hangs"}]}
    response = server.instructor.request("PUT", f"/project/hand-ins/{number}/repeated", json=failed)
    assert response.status_code == 200, response.text
    [one] = student.get("/project")["hand_ins"]
    assert one["checks"] == CHECKS
    assert one["repeated"]["tests"] == failed["tests"]
    assert one["repeated_at"]


def test_each_role_does_what_it_may_and_no_more(course: Any, archive: bytes) -> None:
    server = course()
    owner, stranger, helper = server.student(), server.student(), assistant(server)
    group(owner)
    number = handed_in(owner, archive)["id"]
    nobody = type(owner)(server.url, "ndl_" + "x" * 40)
    ways: list[tuple[str, str, dict[str, Any], list[int]]] = [
        # who: owner, stranger, assistant, instructor, nobody
        ("GET", "/project", {}, [200, 200, 200, 200, 401]),
        ("GET", "/project/hand-ins", {}, [403, 403, 200, 200, 401]),
        ("GET", f"/project/hand-ins/{number}", {}, [200, 404, 200, 200, 401]),
        ("GET", f"/project/hand-ins/{number}/archive", {}, [200, 404, 200, 200, 401]),
        ("POST", f"/project/hand-ins/{number}/review", {"json": {}}, [403, 403, 422, 422, 401]),
        ("PUT", f"/project/hand-ins/{number}/repeated", {"json": CHECKS}, [403, 403, 200, 200, 401]),
        ("PUT", "/project", {"data": project_publication()}, [403, 403, 403, 200, 401]),
        ("POST", "/project/hand-ins", {"data": blob(archive)}, [200, 409, 409, 409, 401]),
        ("POST", "/project/groups/leave", {"json": {}}, [409, 409, 409, 409, 401]),
    ]
    for method, path, options, statuses in ways:
        people = (owner, stranger, helper, server.instructor, nobody)
        found = [person.request(method, path, **options).status_code for person in people]
        assert found == statuses, (method, path)


@pytest.mark.parametrize("number", ["0", "-1", "999", str(2**40), "x"])
def test_a_hand_in_that_does_not_exist_is_not_found(course: Any, number: str) -> None:
    student = course().student()
    for path in (f"/project/hand-ins/{number}", f"/project/hand-ins/{number}/archive"):
        assert student.request("GET", path).status_code in (404, 422)
