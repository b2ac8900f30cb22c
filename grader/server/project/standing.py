"""Whether a person's project is accepted, and what it still lacks: asked by certificates and by pages."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.server.store.tables.project import HandInRow, MemberRow, ReviewRow


def accepted(session: Session, person_id: int) -> bool:
    """Tell whether the newest review of the project of a person's group accepts it."""
    group = _group_of(session, person_id)
    query = (
        select(ReviewRow.accepted)
        .join(HandInRow, HandInRow.id == ReviewRow.hand_in_id)
        .where(HandInRow.group_id == group, HandInRow.kind == "project")
        .order_by(ReviewRow.id.desc())
        .limit(1)
    )
    return group is not None and bool(session.scalar(query))


def state_of(session: Session, person_id: int) -> str:
    """Return in words where a person's project stands; as `accepted` says, a later review counts."""
    group = _group_of(session, person_id)
    if group is None:
        return "no group yet"
    if accepted(session, person_id):
        return "accepted"
    kinds = select(HandInRow.kind, func.max(HandInRow.id).label("number")).where(HandInRow.group_id == group)
    newest = {row.kind: row.number for row in session.execute(kinds.group_by(HandInRow.kind))}
    if "project" not in newest:
        return "proposed" if newest else "nothing handed in"
    reviews = select(func.count(ReviewRow.id)).where(ReviewRow.hand_in_id == newest["project"])
    return "not accepted" if session.scalar(reviews) else "waiting for a review"


def _group_of(session: Session, person_id: int) -> int | None:
    member = session.get(MemberRow, person_id)
    return member.group_id if member else None
