"""The project published, corrected, refused, or not there."""

from typing import Any

import pytest
from project_requests import error, policy_with_project, project_publication
from small_project import DEFINITION


def test_a_corrected_project_takes_the_place_of_the_one_before(course: Any) -> None:
    server = course()
    same = server.instructor.request("PUT", "/project", data=project_publication()).json()
    assert (same["number"], same["text"]) == (1, "Nothing has changed since it was published.")
    corrected = project_publication(definition=DEFINITION | {"title": "Corrected"}, digest="c" * 64)
    assert server.instructor.request("PUT", "/project", data=corrected).json()["number"] == 2
    assert server.student().get("/project")["title"] == "Corrected"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digest": "short"}, "digest: expected 64 hexadecimal digits"),
        ({"definition": None}, "definition"),
        ({"definition": DEFINITION | {"id": "hw0"}}, "definition: id"),
        ({"definition": DEFINITION | {"rubric": DEFINITION["rubric"][:1]}}, "the points add up to 40"),
        ({"definition": DEFINITION | {"sources": ["../x"]}}, "Expected a file or folder of a workspace"),
    ],
)
def test_a_publication_that_can_not_be_right_is_refused(
    course: Any, changes: dict[str, Any], said: str
) -> None:
    response = course().instructor.request("PUT", "/project", data=project_publication(**changes))
    assert said in error(response, 422)


def test_a_course_without_a_project_says_so(server: Any) -> None:
    for person in (server.student(), server.instructor):
        assert "This course has no final project" in error(person.request("GET", "/project"), 404)
    response = server.instructor.request("PUT", "/project", data=project_publication())
    assert "This course has no final project" in error(response, 404)


def test_a_project_that_is_not_published_yet_is_said_to_be_so(start: Any) -> None:
    server = start(policy=policy_with_project())
    assert "not published yet" in error(server.student().request("GET", "/project"), 404)
