"""The project's dates for a person: an extension of one of a group is the whole group's."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.course.project import PROJECT
from grader.server.rules.project import ProjectDates, project_dates
from grader.server.store.tables.course import ExtensionRow
from grader.server.store.tables.project import MemberRow


def dates_for(session: Session, policy: Policy, person_id: int) -> ProjectDates:
    """Return the latest dates that somebody of the person's group has."""
    group = select(MemberRow.group_id).where(MemberRow.person_id == person_id).scalar_subquery()
    members = select(MemberRow.person_id).where(MemberRow.group_id == group)
    theirs = or_(ExtensionRow.person_id == person_id, ExtensionRow.person_id.in_(members))
    latest = select(func.max(ExtensionRow.due)).where(ExtensionRow.assignment == PROJECT, theirs)
    return project_dates(policy, session.scalar(latest))
