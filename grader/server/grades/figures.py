"""What an instructor looks at: an assignment's figures over the class, and what is published."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.assignment import Definition, Question
from grader.server.access.people import Person, person_at
from grader.server.grades.policies import Policies
from grader.server.refusals import Refused
from grader.server.rules.figures import Failure, commonest, share_over_time, thinned
from grader.server.rules.schedule import entry_of
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import current_version, definition_of
from grader.server.store.tables.attempts import AttemptRow, ResultRow
from grader.server.store.tables.course import CaseRow, ExpectedRow, VersionRow
from grader.server.store.tables.people import PersonRow

NEWEST = 500  # attempts that the commonest verdicts are taken from

Curve = list[tuple[float, float]]
_STUDENTS = (PersonRow.role == "student", PersonRow.left_at.is_(None))


@dataclass(frozen=True)
class QuestionFigures:
    question: Question
    solved: int  # students
    tried: int
    curve: Curve  # the share of the class that has solved it, over the time shown


@dataclass(frozen=True)
class AssignmentFigures:
    definition: Definition
    version: int
    students: int
    since: datetime
    until: datetime
    due: datetime | None
    questions: list[QuestionFigures]
    curve: Curve  # of all questions together
    failures: list[Failure]
    examined: int  # attempts that the failures are taken from


@dataclass(frozen=True)
class PublishedVersion:
    assignment: str
    title: str
    number: int
    protocol: str
    published_at: datetime
    numpy: str
    questions: int
    cases: int
    fewest_seeds: int
    attempts: int


class Figures:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def assignment(self, name: str) -> AssignmentFigures:
        """Return an assignment's figures. Raises: Refused for one that there isn't."""
        policy, now = self._policies.current, self._clock()
        entry = entry_of(policy, name)
        with self._database.read() as session:
            version = current_version(session, name)
            if version is None:
                raise Refused(404, f"{name} is not published yet. Run `grader publish {name}`.")
            definition = definition_of(version)
            students = session.scalar(select(func.count(PersonRow.id)).where(*_STUDENTS)) or 0
            solved, tried = _solved(session, name), _tried(session, name)
            examined, seen = _seen(session, name)
        first = min((moment for moments in solved.values() for moment in moments), default=now)
        since = policy.release_of(entry) or first
        curves = {
            one.id: share_over_time(solved[one.id], students, since, now) for one in definition.questions
        }
        everything = [moment for one in definition.questions for moment in solved[one.id]]
        return AssignmentFigures(
            definition=definition,
            version=version.number,
            students=students,
            since=since,
            until=now,
            due=policy.due_of(entry),
            questions=[
                QuestionFigures(one, len(solved[one.id]), tried[one.id], thinned(curves[one.id], 60))
                for one in definition.questions
            ],
            curve=thinned(share_over_time(everything, students * len(definition.questions), since, now)),
            failures=commonest(seen),
            examined=examined,
        )

    def person(self, email: str) -> Person:
        """Return somebody as the reports ask for them; they may do nothing here. Raises: Refused."""
        with self._database.read() as session:
            row = person_at(session, email.strip().lower())
            return Person(row.id, row.name, row.email, row.role, "", frozenset())

    def published(self) -> list[PublishedVersion]:
        """Return every version of everything that was published, the newest first."""
        attempts = select(AttemptRow.version_id, func.count()).group_by(AttemptRow.version_id)
        with self._database.read() as session:
            drawn = {row[0]: row[1] for row in session.execute(attempts)}
            seeds = _fewest_seeds(session)
            rows = session.scalars(select(VersionRow).order_by(VersionRow.id.desc())).all()
            return [_published(row, drawn.get(row.id, 0), *seeds.get(row.id, (0, 0))) for row in rows]


def _solved(session: Session, assignment: str) -> dict[str, list[datetime]]:
    """Return when each student first solved each question in full."""
    query = (
        select(ResultRow.question, func.min(AttemptRow.answered_at))
        .join(AttemptRow, AttemptRow.number == ResultRow.attempt_number)
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .where(*_STUDENTS, AttemptRow.assignment == assignment, ResultRow.passed == ResultRow.total)
        .group_by(ResultRow.question, AttemptRow.person_id)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for question, moment in session.execute(query):
        if moment is not None:
            found[question].append(moment)
    return found


def _tried(session: Session, assignment: str) -> dict[str, int]:
    query = (
        select(ResultRow.question, func.count(AttemptRow.person_id.distinct()))
        .join(AttemptRow, AttemptRow.number == ResultRow.attempt_number)
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .where(*_STUDENTS, AttemptRow.assignment == assignment)
        .group_by(ResultRow.question)
    )
    return defaultdict(int, {row[0]: row[1] for row in session.execute(query)})


def _seen(session: Session, assignment: str) -> tuple[int, list[tuple[int, str, str]]]:
    """Return how many of the newest attempts were looked at, and every failure in them."""
    query = (
        select(AttemptRow.person_id, AttemptRow.response)
        .join(PersonRow, PersonRow.id == AttemptRow.person_id)
        .where(*_STUDENTS, AttemptRow.assignment == assignment, AttemptRow.response.is_not(None))
        .order_by(AttemptRow.number.desc())
        .limit(NEWEST)
    )
    rows = session.execute(query).all()
    return len(rows), [(person, *one) for person, response in rows for one in _failures(response)]


def _failures(response: str | None) -> Iterator[tuple[str, str]]:
    for verdict in json.loads(response or "{}").get("verdicts", []):
        if verdict["verdict"] != "equal":
            yield verdict["question"], verdict["verdict"]


def _fewest_seeds(session: Session) -> dict[int, tuple[int, int]]:
    """Return how many cases each version has, and the seeds of the one with the fewest."""
    per_case = (
        select(ExpectedRow.case_id, func.count().label("seeds")).group_by(ExpectedRow.case_id).subquery()
    )
    query = (
        select(CaseRow.version_id, func.count(), func.min(func.coalesce(per_case.c.seeds, 0)))
        .outerjoin(per_case, per_case.c.case_id == CaseRow.id)
        .group_by(CaseRow.version_id)
    )
    return {version: (cases, seeds) for version, cases, seeds in session.execute(query)}


def _published(row: VersionRow, attempts: int, cases: int, seeds: int) -> PublishedVersion:
    return PublishedVersion(
        assignment=row.assignment,
        title=str(row.definition.get("title", row.assignment)),
        number=row.number,
        protocol=row.protocol,
        published_at=row.published_at,
        numpy=str(row.reference.get("numpy", "")),
        questions=len(row.definition.get("questions", [])),
        cases=cases,
        fewest_seeds=seeds,
        attempts=attempts,
    )
