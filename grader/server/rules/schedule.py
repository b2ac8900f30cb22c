"""What the course's dates allow. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from grader.course.policy import Entry, Policy
from grader.server.refusals import Refused

DAY = timedelta(days=1)
Due = Mapping[str, datetime]  # a person's own due dates, by assignment


@dataclass(frozen=True)
class Dates:
    """When an assignment is open to a person. A day is 24 hours, also when summer time ends."""

    release: datetime | None
    due: datetime | None
    cut_off: datetime | None
    extended: bool

    def days_late(self, drawn_at: datetime | None) -> int:
        """Return how many days late an attempt is, by when it was drawn; each begun day counts."""
        if self.due is None or drawn_at is None or drawn_at <= self.due:
            return 0
        return -((self.due - drawn_at.astimezone(timezone.utc)) // DAY)

    def phase(self, now: datetime) -> Literal["open", "late", "over"]:
        if self.due is None or self.cut_off is None or now <= self.due:
            return "open"
        return "late" if now <= self.cut_off else "over"

    def left(self, now: datetime) -> timedelta | None:
        """Return the time until the due date or, when late, the cut-off; None without dates, or when over."""
        until = {"open": self.due, "late": self.cut_off, "over": None}[self.phase(now)]
        return until - now if until else None


def entry_of(policy: Policy, name: str) -> Entry:
    """Return an assignment's entry in the course. Raises: Refused, naming those there are."""
    for entry in policy.assignments:
        if entry.id == name:
            return entry
    known = ", ".join(entry.id for entry in policy.assignments)
    raise Refused(404, f"This course has no assignment {name[:60]!r}. It has {known}.")


def dates_of(policy: Policy, entry: Entry, own: Due | None = None) -> Dates:
    """Return an assignment's dates for a person; a due date of their own never comes before the course's."""
    due, release = _utc(policy.due_of(entry)), policy.release_of(entry)
    mine = (own or {}).get(entry.id)
    if due is None:
        return Dates(release, None, None, False)
    extended = mine is not None and mine > due
    due = _utc(mine) if mine is not None and extended else due
    return Dates(release, due, due + policy.late.cut_off_days * DAY if due else None, extended)


def last_cut_off(policy: Policy, entry: Entry, extensions: Iterable[datetime]) -> datetime | None:
    """Return the latest cut-off of anyone in the course; None where the assignment has no due date."""
    everyone = [dates_of(policy, entry, {entry.id: due}).cut_off for due in extensions]
    return max(filter(None, [dates_of(policy, entry).cut_off, *everyone]), default=None)


def _utc(moment: datetime | None) -> datetime | None:
    """Return a moment as elapsed time counts: differences of local times would miss an hour twice a year."""
    return moment.astimezone(timezone.utc) if moment else None


def is_released(policy: Policy, entry: Entry, now: datetime) -> bool:
    release = policy.release_of(entry)
    return release is None or now >= release


def require_released(policy: Policy, entry: Entry, now: datetime, status: int) -> None:
    """Raises: Refused before an assignment's release date."""
    if not is_released(policy, entry, now):
        raise Refused(status, f"{entry.id} is released on {said(policy.release_of(entry))}. Come back then.")


def require_not_over(policy: Policy, entry: Entry, now: datetime, own: Due | None = None) -> None:
    """Raises: Refused when an assignment takes no more attempts of a person."""
    dates = dates_of(policy, entry, own)
    if dates.phase(now) == "over":
        extended = ", extended for you," if dates.extended else ""
        over = f"{entry.id} was due on {said_in(policy, dates.due)}{extended} and takes no more attempts"
        raise Refused(403, f"{over}. What you submitted before counts; ask your instructor for more time.")


def said(moment: datetime | None) -> str:
    """Return a date for a sentence, in the zone that the course gave it in."""
    return moment.strftime("%Y-%m-%d %H:%M %Z") if moment else ""


def said_in(policy: Policy, moment: datetime | None) -> str:
    """Return a date for a sentence, in the course's zone."""
    return said(moment.astimezone(ZoneInfo(policy.time_zone)) if moment else None)
