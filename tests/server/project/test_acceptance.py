"""A group's project, from its proposal to the review that accepts it."""

import json
from typing import Any

from project_requests import (
    POINTS,
    PROPOSAL,
    error,
    group,
    handed_in,
    person_id,
    review,
)

from grader.server.project.standing import accepted, state_of


def test_a_group_hands_in_and_sees_what_the_reviewer_says(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student("First"), server.student("Second")
    code = group(first)["code"]
    assert second.post("/project/groups/join", {"code": code}).json()["members"] == ["First", "Second"]
    proposal = handed_in(first, PROPOSAL, kind="proposal")
    number = handed_in(second, archive)["id"]
    assert number == proposal["id"] + 1
    reviewed = review(server.instructor, number).json()
    assert reviewed["hand_in"]["review"]["total"] == 75.5
    mine = first.get("/project")
    assert mine["accepted"] is True
    assert mine["group"]["members"] == ["First", "Second"]
    [project, sent] = mine["hand_ins"]
    assert (project["id"], project["by"], project["track"]) == (number, "Second", "fusion")
    assert project["review"]["points"] == POINTS
    assert project["review"]["comments"] == {"idea": "Clear.", "": "Well done."}
    assert project["review"]["reviewer"] == "Instructor"
    assert sent["kind"] == "proposal"


def test_acceptance_is_every_members_and_nobody_elses(course: Any, archive: bytes) -> None:
    server = course()
    first, second, other = (server.student() for _ in range(3))
    second.post("/project/groups/join", {"code": group(first)["code"]})
    ids = [person_id(server, person) for person in (first, second, other)]
    database = server.app.state.services.database

    def standing() -> tuple[list[bool], list[str]]:
        with database.read() as session:
            return [accepted(session, one) for one in ids], [state_of(session, one) for one in ids]

    assert standing() == ([False] * 3, ["nothing handed in"] * 2 + ["no group yet"])
    handed_in(first, PROPOSAL, kind="proposal")
    assert standing()[1][0] == "proposed"
    number = handed_in(first, archive)["id"]
    assert standing() == ([False] * 3, ["waiting for a review"] * 2 + ["no group yet"])
    review(server.instructor, number, accepted=False)
    assert standing() == ([False] * 3, ["not accepted"] * 2 + ["no group yet"])
    review(server.instructor, number)
    assert standing() == ([True, True, False], ["accepted"] * 2 + ["no group yet"])


def test_the_newest_review_counts_and_all_are_kept(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    review(server.instructor, number)
    review(server.instructor, number, accepted=False, points={"idea": 0, "work": 0})
    found = student.get(f"/project/hand-ins/{number}")
    assert [one["total"] for one in found["reviews"]] == [0, 75.5]
    assert found["hand_in"]["review"]["accepted"] is False
    assert student.get("/project")["accepted"] is False


def test_a_proposal_is_answered_with_words_and_makes_nobody_accepted(course: Any) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, PROPOSAL, kind="proposal")["id"]
    assert "earns none" in error(review(server.instructor, number), 422)
    assert review(server.instructor, number, points={}, comments={"": "Go on."}).status_code == 200
    mine = student.get("/project")
    assert mine["hand_ins"][0]["review"]["comments"] == {"": "Go on."}
    assert mine["accepted"] is False


def test_what_changes_acceptance_is_in_the_record(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    review(server.instructor, number)
    lines = server.query(
        "SELECT action, person_id, detail FROM audit WHERE assignment = 'project' ORDER BY id"
    )
    assert [action for action, _, _ in lines] == ["publish", "enter group", "hand in", "review"]
    assert lines[-1][1] == person_id(server, student)
    assert json.loads(lines[-1][2]) == {"hand_in": number, "points": POINTS, "accepted": True}
