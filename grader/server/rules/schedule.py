"""What the course's dates allow. Pure functions."""

from datetime import datetime, timedelta

from grader.course.policy import Entry, Policy
from grader.server.refusals import Refused


def entry_of(policy: Policy, name: str) -> Entry:
    """Return an assignment's entry in the course. Raises: Refused, naming those there are."""
    for entry in policy.assignments:
        if entry.id == name:
            return entry
    known = ", ".join(entry.id for entry in policy.assignments)
    raise Refused(404, f"This course has no assignment {name[:60]!r}. It has {known}.")


def is_released(policy: Policy, entry: Entry, now: datetime) -> bool:
    release = policy.release_of(entry)
    return release is None or now >= release


def require_released(policy: Policy, entry: Entry, now: datetime, status: int) -> None:
    """Raises: Refused before an assignment's release date."""
    if not is_released(policy, entry, now):
        raise Refused(status, f"{entry.id} is released on {said(policy.release_of(entry))}. Come back then.")


def require_not_over(policy: Policy, entry: Entry, now: datetime) -> None:
    """Raises: Refused when an assignment takes no more attempts."""
    due = policy.due_of(entry)
    if due is not None and now > due + timedelta(days=policy.late.cut_off_days):
        over = f"{entry.id} was due on {said(due)} and takes no more attempts."
        raise Refused(403, f"{over} What you submitted before counts; ask your instructor for more time.")


def said(moment: datetime | None) -> str:
    """Return a date for a sentence, in the zone that the course gave it in."""
    return moment.strftime("%Y-%m-%d %H:%M %Z") if moment else ""
