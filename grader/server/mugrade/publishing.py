"""An existing course's values, published one test case after another or a problem's all at once."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.course.assignment import Definition
from grader.course.policy import Entry
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.mugrade.values import read_json, read_value, require_finite
from grader.server.refusals import Refused
from grader.server.rules.schedule import entry_of
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import current_version
from grader.server.store.tables.attempts import AttemptRow
from grader.server.store.tables.course import PolicyRow, VersionRow
from grader.server.store.tables.mugrade import MugradeCaseRow

PROTOCOL = "mugrade"
MOST_CASES = 1000  # of a problem
Cases = Mapping[int, Any]  # values as JSON, by position


class MugradePublishing:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def publish(self, actor: Person, assignment: str, problem: str, position: int | None, body: bytes) -> int:
        """Store a test case's value, or a list with all of a problem's, and return how many it has now.

        Once somebody has tried the assignment, what changes makes a new version: attempts keep theirs.
        A value by its position takes no other away: only the list, or `shorten`, leaves a problem fewer.
        Raises: Refused, WireError.
        """
        where = f"{assignment[:60]}/{problem[:60]}"
        entry = _entry_with(entry_of(self._policies.current, assignment), problem)
        said = _values(read_json(body, where), position, where)
        for at, value in said.items():
            require_finite(read_value(value, f"{where}[{at}]"), f"{where}[{at}]")
        with self._database.write() as session:
            version = _locked(session, assignment)
            before = cases_of(session, version, problem)
            after = {**before, **said} if position is not None else said
            self._store(session, actor, entry, version, problem, after)
        return len(after)

    def shorten(self, actor: Person, assignment: str, problem: str, most: int) -> int:
        """Leave a problem its first `most` test cases as they are, and return how many it has now.

        Raises: Refused where that takes none away.
        """
        entry = _entry_with(entry_of(self._policies.current, assignment), problem)
        with self._database.write() as session:
            version = _locked(session, assignment)
            before = cases_of(session, version, problem)
            after = {at: value for at, value in before.items() if at < most}
            if not after or len(after) == len(before):
                said = f"{assignment}/{problem} has {len(before)} test cases"
                raise Refused(409, f"{said}. Expected fewer, and one at least. Nothing was changed.")
            self._store(session, actor, entry, version, problem, after)
        return len(after)

    def _store(
        self,
        session: Session,
        actor: Person,
        entry: Entry,
        version: VersionRow | None,
        problem: str,
        after: Cases,
    ) -> None:
        before = cases_of(session, version, problem)
        definition = _definition(entry).model_dump(mode="json")
        changed = version is None or (before, version.definition) != (after, definition)
        if version is None or (changed and _is_tried(session, version)):
            version = self._new_version(session, entry, version)
        version.definition = definition
        if before != after:
            _replace(session, version, problem, after)
            self._record(session, actor, version, problem)

    def _record(self, session: Session, actor: Person, version: VersionRow, problem: str) -> None:
        name, number = version.assignment, version.number
        record(session, self._clock(), actor, "publish", assignment=name, version=number, problem=problem)

    def _new_version(self, session: Session, entry: Entry, before: VersionRow | None) -> VersionRow:
        """Add a version that holds what the one before it did."""
        number = before.number + 1 if before else 1
        version = VersionRow(
            assignment=entry.id,
            number=number,
            cases_digest=hashlib.sha256(f"{PROTOCOL} {entry.id} {number}".encode()).hexdigest(),
            definition=_definition(entry).model_dump(mode="json"),
            reference={},
            release="",  # students have the course's own files
            protocol=PROTOCOL,
            published_at=self._clock(),
        )
        session.add(version)
        session.flush()
        for problem in entry.mugrade or ():
            _replace(session, version, problem, cases_of(session, before, problem))
        return version


def _locked(session: Session, assignment: str) -> VersionRow | None:
    """Return the current version; until the commit nobody else publishes, and nobody begins a try of it.

    Raises: Refused where it is a native one.
    """
    # a row that is there from a server's first start on, also before an assignment has a version
    session.execute(select(PolicyRow.number).order_by(PolicyRow.number).limit(1).with_for_update())
    version = current_version(session, assignment)
    if version is not None:
        session.refresh(version, with_for_update=True)
        if version.protocol != PROTOCOL:
            raise _native(assignment, version.number)
    return version


def cases_of(session: Session, version: VersionRow | None, problem: str) -> dict[int, Any]:
    """Return a problem's published values by position."""
    if version is None:
        return {}
    mine = (MugradeCaseRow.version_id == version.id, MugradeCaseRow.problem == problem)
    query = select(MugradeCaseRow.position, MugradeCaseRow.value).where(*mine)
    return {row.position: row.value for row in session.execute(query.order_by(MugradeCaseRow.position))}


def _replace(session: Session, version: VersionRow, problem: str, values: Cases) -> None:
    mine = (MugradeCaseRow.version_id == version.id, MugradeCaseRow.problem == problem)
    session.execute(delete(MugradeCaseRow).where(*mine))
    for at, value in values.items():
        session.add(MugradeCaseRow(version_id=version.id, problem=problem, position=at, value=value))
    session.flush()


def _is_tried(session: Session, version: VersionRow) -> bool:
    query = select(AttemptRow.number).where(AttemptRow.version_id == version.id).limit(1)
    return session.scalar(query) is not None


def _values(said: Any, position: int | None, where: str) -> Cases:
    if position is not None:
        return {position: said}
    if not isinstance(said, list) or not 0 < len(said) <= MOST_CASES:
        raise Refused(
            422,
            f"{where}: found no test_case_index. Expected it, or a list of all values, at most {MOST_CASES}.",
        )
    return dict(enumerate(said))


def _entry_with(entry: Entry, problem: str) -> Entry:
    """Return the entry once it is seen to be published this way and to have the problem. Raises: Refused."""
    if entry.mugrade is None:
        said = f"{entry.id} is not published over this protocol: course.yaml names no problems of it"
        raise Refused(409, f"{said}. Expected `mugrade: {{problem: points}}`, then `grader regrade`.")
    if problem not in entry.mugrade:
        known = ", ".join(entry.mugrade)
        raise Refused(404, f"{entry.id} has no problem {problem[:60]!r}. course.yaml names {known}.")
    return entry


def _definition(entry: Entry) -> Definition:
    """Return an assignment as the gradebook knows it. Raises: Refused for points that do not make 100."""
    total = sum((entry.mugrade or {}).values())
    if abs(total - 100) > 1e-9:
        said = f"the points of {entry.id}'s problems add up to {total:g}"
        raise Refused(422, f"course.yaml: {said}. Expected 100: correct them, then run `grader regrade`.")
    questions = [
        {"id": name, "title": name, "points": points, "implement": [name]}
        for name, points in (entry.mugrade or {}).items()
    ]
    try:
        return Definition.model_validate(
            {"id": entry.id, "title": entry.id, "adds": [PROTOCOL], "questions": questions}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(
            422, f"course.yaml: {entry.id}'s problems: {first['msg']}. Correct their names."
        ) from None


def _native(assignment: str, number: int) -> Refused:
    said = f"{assignment} was published natively, as version {number}"
    return Refused(409, f"{said}. An assignment is published either way, never both. Nothing was stored.")
