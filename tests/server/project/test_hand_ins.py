"""Handing in: what is taken, kept byte by byte, told apart, or refused."""

import hashlib
from typing import Any

import pytest
from project_requests import (
    CHECKS,
    PROPOSAL,
    error,
    group,
    hand_in,
    handed_in,
)

from grader.grading.wire import bytes_array, pack
from grader.server.rules.project import LARGEST


def test_the_same_file_again_is_the_same_hand_in(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    first = hand_in(student, archive).json()
    again = hand_in(student, archive).json()
    assert (first["created"], again["created"]) == (True, False)
    assert first["hand_in"] == again["hand_in"]
    assert len(student.get("/project")["hand_ins"]) == 1


def test_a_group_that_goes_back_to_an_older_file_has_handed_that_one_in(
    course: Any, archive: bytes, another: bytes
) -> None:
    server = course()
    student = server.student()
    group(student)
    for file in (archive, another):
        handed_in(student, file)
    back = hand_in(student, archive).json()
    assert back["created"] is True
    newest = student.get("/project")["hand_ins"][0]
    assert newest == back["hand_in"]
    assert newest["file"] == hashlib.sha256(archive).hexdigest()
    handed_in(student, PROPOSAL, kind="proposal")
    assert hand_in(student, archive).json()["hand_in"] == newest  # a proposal after it changes nothing


def test_the_same_file_under_another_track_or_with_other_checks_is_another_hand_in(
    course: Any, archive: bytes
) -> None:
    server = course()
    student = server.student()
    group(student)
    failed = CHECKS | {"tests": [{"check": "report", "name": "x", "passed": False, "message": "no"}]}
    sent = [hand_in(student, archive, **said).json() for said in ({"checks": failed}, {}, {"track": "own"})]
    assert [one["created"] for one in sent] == [True] * 3
    newest = student.get("/project")["hand_ins"][0]
    assert (newest["checks"], newest["track"]) == (CHECKS, "own")


def test_what_was_handed_in_comes_back_byte_by_byte(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    for kind, file in (("proposal", PROPOSAL), ("project", archive)):
        number = handed_in(student, file, kind=kind)["id"]
        for reader in (student, server.instructor):
            response = reader.request("GET", f"/project/hand-ins/{number}/archive")
            assert response.content == file
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Disposition"].startswith("attachment")


def test_someone_without_a_group_is_told_how_to_get_one(course: Any, archive: bytes) -> None:
    said = error(hand_in(course().student(), archive), 409)
    assert said.endswith("run `grader project group new NAME`, or `grader project group join CODE`.")


BAD = {
    "no archive": (b"nonsense", {}, "no whole .tar.gz"),
    "another kind": (PROPOSAL, {"kind": "poem"}, "kind: expected proposal or project"),
    "an unknown track": (
        PROPOSAL,
        {"kind": "proposal", "track": "x" * 99},
        "Expected one of own, fusion, graphs",
    ),
    "a track that is no text": (PROPOSAL, {"kind": "proposal", "track": ["fusion"]}, "Expected one of own"),
    "no checks": (PROPOSAL, {"kind": "proposal", "checks": None}, "hand-in: checks"),
    "long checks": (
        PROPOSAL,
        {"kind": "proposal", "checks": {"tests": [CHECKS["tests"][0] | {"message": "x" * 5000}]}},  # type: ignore[index, operator]
        "at most 4000 characters",
    ),
    "a proposal of bytes": (b"\xff\xfe", {"kind": "proposal"}, "is not UTF-8 text"),
    "a proposal without end": (b"x" * 300_000, {"kind": "proposal"}, "Expected 262144 at most"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_can_not_be_read_is_refused_and_not_kept(course: Any, what: str) -> None:
    server = course()
    student = server.student()
    group(student)
    file, changes, said = BAD[what]
    assert said in error(hand_in(student, file, **changes), 422)
    assert student.get("/project")["hand_ins"] == []


def test_bodies_that_are_no_hand_in_are_refused(course: Any) -> None:
    server = course()
    student = server.student()
    group(student)
    fine = {"kind": "proposal", "track": "own", "checks": CHECKS}
    two = pack(fine, {"file": bytes_array(b"x"), "more": bytes_array(b"y")})
    for body in (b"", b"{}", b"\xff" * 100, pack(fine, {}), two):
        assert student.request("POST", "/project/hand-ins", data=body).status_code == 422
    response = student.request("POST", "/project/hand-ins", data=bytes(LARGEST + 2**20))
    assert "Expected at most" in error(response, 413)


def test_a_group_hands_in_so_many_times_an_hour(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    for number in range(20):
        handed_in(student, f"# {number}".encode(), kind="proposal")
    assert "20 times within an hour" in error(hand_in(student, archive), 429)
    assert hand_in(student, b"# 19", kind="proposal").json()["created"] is False
    server.clock.move(hours=1.1)
    handed_in(student, archive)


def test_a_hand_in_is_known_by_the_digest_of_its_bytes(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    assert handed_in(student, archive)["file"] == hashlib.sha256(archive).hexdigest()
