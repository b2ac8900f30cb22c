"""What the database says: current versions, and what people have earned."""

import functools
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from grader.course.assignment import Definition
from grader.grading.scores import Tally
from grader.server.rules.standings import Record
from grader.server.store.published import published
from grader.server.store.tables.attempts import AttemptRow, ResultRow
from grader.server.store.tables.course import CatchUpRow, ExtensionRow, VersionRow

# what each answer asks is made once, and asks the tables themselves: a session would look at every row
_VERSIONS, _ATTEMPTS, _RESULTS = VersionRow.__table__.c, AttemptRow.__table__.c, ResultRow.__table__.c
_EXTENSIONS, _CATCH_UPS = ExtensionRow.__table__.c, CatchUpRow.__table__.c
_NEWEST = select(func.max(_VERSIONS.id)).group_by(_VERSIONS.assignment)
_EDITIONS = select(_VERSIONS.id, _VERSIONS.edition).where(_VERSIONS.id.in_(_NEWEST))
_OF_PEOPLE = _ATTEMPTS.person_id.in_(bindparam("people", expanding=True))
_EARNED = (
    select(_RESULTS.attempt_number, _RESULTS.question, _RESULTS.passed, _RESULTS.total)
    .join(AttemptRow.__table__, _RESULTS.attempt_number == _ATTEMPTS.number)
    .where(_OF_PEOPLE)
    .order_by(_RESULTS.attempt_number)
)
_DRAWN = select(_ATTEMPTS.number, _ATTEMPTS.person_id, _ATTEMPTS.assignment, _ATTEMPTS.drawn_at).where(
    _OF_PEOPLE
)
_DUE = select(_EXTENSIONS.assignment, _EXTENSIONS.due).where(_EXTENSIONS.person_id == bindparam("person"))
_CAUGHT_UP = select(_CATCH_UPS.assignment, _CATCH_UPS.question).where(
    _CATCH_UPS.person_id == bindparam("person")
)


def current_version(session: Session, assignment: str) -> VersionRow | None:
    query = select(VersionRow).where(VersionRow.assignment == assignment).order_by(VersionRow.number.desc())
    return session.scalars(query.limit(1)).one_or_none()


def current_versions(session: Session) -> dict[str, VersionRow]:
    rows = session.scalars(select(VersionRow).where(VersionRow.id.in_(_NEWEST)))
    return {row.assignment: row for row in rows}


def definition_of(version: VersionRow) -> Definition:
    return Definition.model_validate(version.definition)


def current_definitions(session: Session) -> dict[str, Definition]:
    versions = [published(session).version(session, found) for found in session.execute(_EDITIONS).all()]
    return {version.assignment: version.definition for version in versions}


def records_of(session: Session, person_id: int) -> list[Record]:
    """Return what a person has earned, oldest first."""
    return [record for _, record in all_records(session, [person_id])]


def all_records(session: Session, people: Collection[int]) -> Iterator[tuple[int, Record]]:
    """Yield what people have earned, each with the person's id, oldest first."""
    of = {"people": list(people)}
    found = session.execute(_EARNED, of).all()
    # after the results, whose attempts are older: PostgreSQL reads each time what is there by then
    drawn = {number: rest for number, *rest in session.execute(_DRAWN, of)}
    for number, question, passed, total in found:
        person_id, assignment, drawn_at = drawn[number]
        yield person_id, Record(assignment, question, _tally(passed, total), drawn_at, number)


@functools.lru_cache(maxsize=4096)
def _tally(passed: int, total: int) -> Tally:
    """Return one and the same value for equal figures, of which there are few."""
    return Tally(passed, total)


def due_dates_of(session: Session, person_id: int) -> dict[str, datetime]:
    """Return a person's own due dates, by assignment."""
    return {row.assignment: row.due for row in session.execute(_DUE, {"person": person_id})}


def all_due_dates(session: Session) -> dict[int, dict[str, datetime]]:
    """Return everybody's own due dates, by person and assignment."""
    found: dict[int, dict[str, datetime]] = {}
    query = select(ExtensionRow.person_id, ExtensionRow.assignment, ExtensionRow.due)
    for person_id, assignment, due in session.execute(query):
        found.setdefault(person_id, {})[assignment] = due
    return found


def caught_up(session: Session, person_id: int) -> set[tuple[str, str]]:
    """Return the questions whose solution a person was given: the assignment and the question of each."""
    return {(row.assignment, row.question) for row in session.execute(_CAUGHT_UP, {"person": person_id})}


def answered_counts(session: Session, person_id: int) -> dict[str, int]:
    """Return how many attempts a person has answered, by assignment."""
    mine = (AttemptRow.person_id == person_id, AttemptRow.answered_at.is_not(None))
    query = (
        select(AttemptRow.assignment, func.count().label("answered"))
        .where(*mine)
        .group_by(AttemptRow.assignment)
    )
    return {row.assignment: row.answered for row in session.execute(query)}
