"""The record of what changed a grade, or who may: written in the transaction that changes it."""

from datetime import datetime

from sqlalchemy.orm import Session

from grader.server.access.people import Person
from grader.server.store.tables.people import AuditRow


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
