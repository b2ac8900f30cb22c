"""A whole class, written straight into a server's database: for pages that show many people at once."""

import json
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from shared_course import ROOT
from sqlalchemy import insert
from sqlalchemy.orm import Session

from grader.course.assignment import Definition, load_assignment
from grader.course.policy import Policy
from grader.course.project import ProjectDefinition, load_project
from grader.server.store.tables.attempts import AlertRow, AttemptRow, ResultRow, SpeedRow
from grader.server.store.tables.course import CaseRow, ExpectedRow, VersionRow
from grader.server.store.tables.people import PersonRow
from grader.server.store.tables.project import GroupRow, HandInRow, MemberRow, ProjectRow, ReviewRow

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.utc)
HOMEWORKS = ("hw0", "hw1", "hw2", "hw3", "hw4")
_RELEASES = (70, 56, 35, 14, 1)  # days before now
_LASTS = 21  # days from a release to the due date
_VERDICTS = ("values differ by a lot", "raised", "wrong shape", "values differ by a little", "wrong dtype")
_CASES = 4  # of a question
_MACHINES = ("A laptop with 8 cores", "A workstation with 24 cores", "A small board")


def policy() -> Policy:
    """Return a course with dates around NOW, late days and a project."""
    days = [NOW.replace(hour=22, minute=59) - timedelta(days=before) for before in _RELEASES]
    return Policy.model_validate(
        {
            "id": "needle",
            "title": "Build a deep-learning library",
            "time_zone": "Europe/Berlin",
            "late": {"slip_days": 6, "penalty_per_day": 0.1, "cut_off_days": 4},
            "assignments": [
                {"id": name, "release": day, "due": day + timedelta(days=_LASTS)}
                for name, day in zip(HOMEWORKS, days, strict=True)
            ],
            "project": {
                "release": days[3],
                "proposal_due": NOW + timedelta(days=9),
                "due": NOW + timedelta(days=40),
            },
        }
    )


def fill(session: Session, students: int) -> None:
    """Write so many students with attempts of every homework, groups, reviews and figures of speed."""
    rng = random.Random(0)
    people = _people(session, students)
    for name, before in zip(HOMEWORKS, _RELEASES, strict=True):
        definition = load_assignment(ROOT / "assignments" / name).definition
        version = _version(session, definition, NOW - timedelta(days=before))
        _attempts(session, rng, definition, version, people, before)
    _project(session, rng, people)
    _speeds(session, rng, people)


def _people(session: Session, students: int) -> list[int]:
    rows = [
        PersonRow(
            name=f"Student {number:03}",
            email=f"student{number:03}@example.org",
            role="student",
            section="ABC"[number % 3],
            pseudonym=f"Thread {number}" if number % 7 == 1 else None,
            created_at=NOW - timedelta(days=80),
        )
        for number in range(1, students + 1)
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _version(session: Session, definition: Definition, at: datetime) -> VersionRow:
    row = VersionRow(
        assignment=definition.id,
        number=1,
        cases_digest="0" * 64,
        definition=definition.model_dump(mode="json"),
        reference={"numpy": "2.4.0", "python": "3.11"},
        release="0" * 64,
        published_at=at,
    )
    session.add(row)
    session.flush()
    for question in definition.questions:
        case = CaseRow(version_id=row.id, question=question.id, name="case", rules={})
        session.add(case)
        session.flush()
        session.add(ExpectedRow(case_id=case.id, seed=1, size=1, blob=b"x"))
    return row


def _attempts(
    session: Session,
    rng: random.Random,
    definition: Definition,
    version: VersionRow,
    people: Sequence[int],
    days: int,
) -> None:
    """Add one to four attempts of most people: each person has a skill, and each try goes further."""
    attempts: list[dict[str, Any]] = []
    results: list[tuple[str, Mapping[str, int]]] = []
    for person in people:
        skill = random.Random(person).random()
        if rng.random() > min(0.97, 0.35 + skill + days / 80):
            continue
        began = rng.random() ** (1 + skill) * min(days, _LASTS + 2)
        for tried in range(1 + rng.randrange(3)):
            at = NOW - timedelta(days=max(days - began - tried * 0.7, 0.01 * (3 - tried)))
            passed = _passed(rng, definition, skill + 0.2 * tried - 0.012 * (14 - min(days, 14)))
            attempts.append(_attempt(definition, version, person, at, passed, rng))
            results.append((attempts[-1]["id"], passed))
    session.execute(insert(AttemptRow), attempts)
    numbers = {row.id: row.number for row in session.query(AttemptRow.id, AttemptRow.number)}
    rows = [
        _result(numbers[name], question, count)
        for name, passed in results
        for question, count in passed.items()
    ]
    session.execute(insert(ResultRow), rows)


def _passed(rng: random.Random, definition: Definition, reach: float) -> dict[str, int]:
    """Return how many cases of each question pass; later ones are harder."""
    found = {}
    for at, question in enumerate(definition.questions):
        hard = 0.15 + 0.8 * at / len(definition.questions)
        share = min(max((reach - hard) * 3 + 0.6 + rng.gauss(0, 0.25), 0), 1)
        found[question.id] = round(share * _CASES)
    return found


def _result(number: int, question: str, passed: int) -> dict[str, Any]:
    return {"attempt_number": number, "question": question, "passed": passed, "total": _CASES}


def _attempt(
    definition: Definition,
    version: VersionRow,
    person: int,
    at: datetime,
    passed: Mapping[str, int],
    rng: random.Random,
) -> dict[str, Any]:
    verdicts = [
        {
            "question": name,
            "case": "case",
            "verdict": rng.choices(_VERDICTS, (5, 4, 3, 2, 1))[0],
            "detail": "",
        }
        for name, count in passed.items()
        if count < _CASES
    ]
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128))),
        "person_id": person,
        "version_id": version.id,
        "assignment": definition.id,
        "questions": [question.id for question in definition.questions],
        "limit_bytes": 1,
        "drawn_at": at,
        "expires_at": at + timedelta(hours=2),
        "closed_at": None,
        "free": False,
        "answered_at": at + timedelta(minutes=1),
        "idempotency_key": "k",
        "body": "0" * 64,
        "response": json.dumps({"verdicts": verdicts}),
    }


def _project(session: Session, rng: random.Random, people: Sequence[int]) -> None:
    definition = load_project(ROOT / "assignments" / "project").definition
    session.add(
        ProjectRow(
            definition=definition.model_dump(mode="json"), digest="0" * 64, release="0" * 64, published_at=NOW
        )
    )
    for number, members in enumerate(_threes(people[:9])):
        group = GroupRow(
            name=f"Group {number + 1}", code=f"join-{number}", created_at=NOW - timedelta(days=5)
        )
        session.add(group)
        session.flush()
        session.add_all(MemberRow(person_id=one, group_id=group.id, joined_at=NOW) for one in members)
        hand_in = _hand_in(group.id, members[0], definition.tracks[number].id, passed=number != 1)
        session.add(hand_in)
        session.flush()
        if number == 0:
            session.add(_review(hand_in.id, members[-1], definition, rng))


def _threes(people: Sequence[int]) -> Iterable[Sequence[int]]:
    return (people[at : at + 3] for at in range(0, len(people), 3))


def _hand_in(group: int, person: int, track: str, passed: bool) -> HandInRow:
    names = ("proposal", "report", "needle", "own_tests", "training")
    tests = [{"check": one, "name": f"test_{one}", "passed": True, "message": ""} for one in names]
    if not passed:
        tests[-1] |= {
            "passed": False,
            "message": "training: the last losses are 0.93 of the first. Expected 0.8.",
        }
    return HandInRow(
        group_id=group,
        person_id=person,
        kind="project",
        track=track,
        at=NOW - timedelta(days=1, hours=group),
        file="0" * 64,
        size=48_213,
        checks={"tests": tests, "python": "3.11.7", "platform": "Linux x86_64"},
        repeated=None,
        repeated_at=None,
    )


def _review(hand_in: int, reviewer: int, definition: ProjectDefinition, rng: random.Random) -> ReviewRow:
    points = {one.id: round(one.points * rng.uniform(0.6, 1)) for one in definition.rubric}
    comments = {one.id: "Clear, and it holds where it was looked at closely." for one in definition.rubric}
    comments[""] = "A question worth asking, and an answer that one can check."
    return ReviewRow(
        hand_in_id=hand_in, reviewer_id=reviewer, points=points, comments=comments, accepted=True, at=NOW
    )


def _speeds(session: Session, rng: random.Random, people: Sequence[int]) -> None:
    for person in people[::3]:
        for name, about in (
            ("matmul", 30.0),
            ("matmul_tiled", 80.0),
            ("ewise_mul", 3.0),
            ("reduce_sum", 5.0),
        ):
            value = round(about * rng.uniform(0.3, 1.4), 2)
            row = SpeedRow(person_id=person, assignment="hw3", name=name, value=value, unit="GFLOP/s")
            row.machine, row.at = rng.choice(_MACHINES), NOW
            session.add(row)


def alert(session: Session) -> None:
    """Add an alert, as of a person who has had every seed of a case."""
    case, person = session.query(CaseRow).first(), session.query(PersonRow).filter_by(role="student").first()
    assert case is not None
    assert person is not None
    text = f"{person.email} has had every seed of hw0/{case.question}. Run `grader publish hw0 --top-up`."
    session.add(AlertRow(case_id=case.id, person_id=person.id, text=text, raised_at=NOW))
