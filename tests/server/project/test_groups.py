"""Groups: who is in which, until when, and an instructor who moves people."""

from typing import Any

import pytest
from project_requests import (
    PROPOSAL,
    error,
    group,
    handed_in,
)


def test_a_group_takes_as_many_as_the_course_says(course: Any) -> None:
    server = course()
    first, second, third = (server.student() for _ in range(3))
    code = group(first)["code"]
    assert second.post("/project/groups/join", {"code": f" {code} "}).status_code == 200
    assert "is full. A group has 2 members at most" in error(
        third.post("/project/groups/join", {"code": code}), 409
    )
    assert "No group has this code" in error(third.post("/project/groups/join", {"code": "x"}), 404)
    assert "already. Choose another name" in error(third.post("/project/groups", {"name": "Alpha"}), 409)
    assert "You are in the group Alpha already" in error(first.post("/project/groups", {"name": "B"}), 409)
    assert "You are in the group Alpha already" in error(
        first.post("/project/groups/join", {"code": code}), 409
    )


def test_a_group_is_left_before_anything_is_handed_in_and_not_after(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    second.post("/project/groups/join", {"code": code})
    assert second.post("/project/groups/leave", {}).json() == {"name": "Alpha"}
    assert "You are in no group" in error(second.post("/project/groups/leave", {}), 409)
    second.post("/project/groups/join", {"code": code})
    handed_in(first, PROPOSAL, kind="proposal")
    assert "handed in work with your name on it" in error(second.post("/project/groups/leave", {}), 409)


def test_a_group_that_its_last_member_leaves_is_gone_with_its_name_and_code(course: Any) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    first.post("/project/groups/leave", {})
    assert "No group has this code" in error(second.post("/project/groups/join", {"code": code}), 404)
    group(second)


def test_nobody_joins_a_group_whose_project_is_handed_in(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    handed_in(first, archive)
    said = error(second.post("/project/groups/join", {"code": code}), 409)
    assert "has handed in its project, and takes no new members" in said


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines"])
def test_a_name_that_is_none_is_refused(course: Any, name: str) -> None:
    assert course().student().post("/project/groups", {"name": name}).status_code == 422
