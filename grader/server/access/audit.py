"""The record of what changed a grade, or who may: written in the transaction that changes it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from grader.server.access.people import Person, person_at
from grader.server.messages.people import AuditLine, AuditPage
from grader.server.store.database import Database
from grader.server.store.tables.people import AuditRow, PersonRow

PAGE = 200  # lines


def record(
    session: Session,
    at: datetime,
    actor: Person | None,
    action: str,
    *,
    person_id: int | None = None,
    assignment: str | None = None,
    **detail: object,
) -> None:
    """Add a line to the record; without an actor the server itself did it."""
    row = AuditRow(at=at, action=action, person_id=person_id, assignment=assignment, detail=detail)
    row.actor_id = actor.id if actor else None
    session.add(row)


class Audit:
    """The record, read."""

    def __init__(self, database: Database):
        self._database = database

    def page(self, email: str | None = None, before: int | None = None) -> AuditPage:
        """Return the newest lines, or those before one; with an address those that concern its person.

        Raises: Refused for an address that nobody has.
        """
        actor, concerned = aliased(PersonRow), aliased(PersonRow)
        query = (
            select(AuditRow, actor.email, concerned.email)
            .outerjoin(actor, actor.id == AuditRow.actor_id)
            .outerjoin(concerned, concerned.id == AuditRow.person_id)
            .order_by(AuditRow.id.desc())
            .limit(PAGE + 1)
        )
        if before is not None:
            query = query.where(AuditRow.id < before)
        with self._database.read() as session:
            if email is not None:
                person = person_at(session, email)
                query = query.where((AuditRow.person_id == person.id) | (AuditRow.actor_id == person.id))
            lines = [_line(*one) for one in session.execute(query)]
        older = lines[PAGE - 1].id if len(lines) > PAGE else None
        return AuditPage(lines=lines[:PAGE], older=older)


def _line(row: AuditRow, actor: str | None, person: str | None) -> AuditLine:
    fields = ("id", "at", "action", "assignment", "detail")
    return AuditLine(**{name: getattr(row, name) for name in fields}, actor=actor, person=person)
