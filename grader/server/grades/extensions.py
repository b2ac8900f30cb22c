"""People's own due dates, of homeworks and of the project."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from grader.course.policy import Entry, Policy
from grader.course.project import PROJECT
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.policy import Extension, ExtensionRemoval, ExtensionRequest, Extensions
from grader.server.refusals import Refused
from grader.server.rules.project import as_entry
from grader.server.rules.schedule import dates_of, entry_of, said_in
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.course import CatchUpRow, ExtensionRow
from grader.server.store.tables.people import PersonRow

_LAST_YEAR = 9000
_OF_A_GROUP = "It holds for their whole group, and the date of its proposal moves as far."


class Extending:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def grant(self, actor: Person, request: ExtensionRequest) -> Extension:
        """Give a person a due date of their own, in place of one they had. Raises: Refused."""
        policy, now = self._policies.current, self._clock()
        due = _wanted(policy, request)
        with self._database.write() as session:
            person = _person(session, request.email)
            row = session.get(ExtensionRow, (person.id, request.assignment))
            before = row.due if row else None
            if row is None:
                row = ExtensionRow(person_id=person.id, assignment=request.assignment)
                session.add(row)
            row.due, row.reason, row.granted_by, row.granted_at = due, request.reason, actor.id, now
            record(
                session,
                now,
                actor,
                "extend",
                person_id=person.id,
                assignment=request.assignment,
                until=due.isoformat(),
                before=before.isoformat() if before else None,
                reason=request.reason,
            )
            given = select(func.count(func.distinct(CatchUpRow.person_id)))
            given_out = session.scalar(given.where(CatchUpRow.assignment == request.assignment)) or 0
            return _extension(policy, row, person.email, actor.email, _warning(given_out))

    def remove(self, actor: Person, request: ExtensionRemoval) -> Extensions:
        """Take a person's own due date away, and return those that the person still has. Raises: Refused."""
        with self._database.write() as session:
            person = _person(session, request.email)
            row = session.get(ExtensionRow, (person.id, request.assignment))
            if row is None:
                raise Refused(
                    404, f"{request.email} has no extension of {request.assignment!r}. Nothing was changed."
                )
            record(
                session,
                self._clock(),
                actor,
                "extend",
                person_id=person.id,
                assignment=request.assignment,
                until=None,
                before=row.due.isoformat(),
            )
            session.delete(row)
        return self.listed(request.email)

    def listed(self, email: str | None = None) -> Extensions:
        """Return everybody's extensions, or one person's."""
        granter = aliased(PersonRow)
        query = (
            select(ExtensionRow, PersonRow.email, granter.email)
            .join(PersonRow, PersonRow.id == ExtensionRow.person_id)
            .join(granter, granter.id == ExtensionRow.granted_by)
            .order_by(ExtensionRow.assignment, PersonRow.email)
        )
        if email is not None:
            query = query.where(PersonRow.email == email)
        policy = self._policies.current
        known = {entry.id for entry in policy.assignments} | ({PROJECT} if policy.project else set())
        with self._database.read() as session:
            found = [_extension(policy, *row) for row in session.execute(query) if row[0].assignment in known]
        return Extensions(extensions=found)


def _wanted(policy: Policy, request: ExtensionRequest) -> datetime:
    """Return the due date that was asked for. Raises: Refused."""
    entry = _entry(policy, request.assignment)
    due, zone = dates_of(policy, entry).due, ZoneInfo(policy.time_zone)
    if due is None:
        raise Refused(422, f"{entry.id} has no due date, so there is nothing to extend. See course.yaml.")
    if (request.until is None) == (request.days is None):
        raise Refused(422, "Expected either a date, until, or a number of days. Give one of the two.")
    if request.until is None:
        assert request.days is not None
        return (due.astimezone(zone) + timedelta(days=request.days)).astimezone(timezone.utc)
    if request.until.year > _LAST_YEAR:
        raise Refused(422, f"Found the year {request.until.year}. Expected one up to {_LAST_YEAR}.")
    until = request.until if request.until.tzinfo else request.until.replace(tzinfo=zone)
    if request.until.year < due.year or until <= due:
        said = f"{entry.id} is due for everybody on {said_in(policy, due)}"
        raise Refused(422, f"{said}. Expected a later date; to take an extension away, remove it.")
    return until.astimezone(timezone.utc)


def _entry(policy: Policy, name: str) -> Entry:
    """Return an assignment's entry in the course, or the project as one. Raises: Refused."""
    return as_entry(policy) if policy.project and name == PROJECT else entry_of(policy, name)


def _person(session: Session, email: str) -> PersonRow:
    row = session.scalar(select(PersonRow).where(PersonRow.email == email))
    if row is None:
        raise Refused(404, f"Nobody here has the address {email}. `grader gradebook` lists the students.")
    return row


def _warning(given_out: int) -> str:
    if not given_out:
        return ""
    people = "1 person has" if given_out == 1 else f"{given_out} people have"
    return f"{people} had solutions of it already, after what was the last cut-off until now."


def _extension(policy: Policy, row: ExtensionRow, email: str, granted_by: str, text: str = "") -> Extension:
    dates = dates_of(policy, _entry(policy, row.assignment), {row.assignment: row.due})
    zone = ZoneInfo(policy.time_zone)
    if row.assignment == PROJECT:  # which is never taken late
        dates, text = replace(dates, cut_off=dates.due), _OF_A_GROUP
    return Extension(
        email=email,
        assignment=row.assignment,
        due=(dates.due or row.due).astimezone(zone),
        cut_off=(dates.cut_off or row.due).astimezone(zone),
        reason=row.reason,
        granted_by=granted_by,
        granted_at=row.granted_at,
        text=text,
    )
