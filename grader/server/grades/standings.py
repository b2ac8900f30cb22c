"""Everybody's standing, computed from the stored attempts and kept until what it follows from changes."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.server.grades.policies import Policies
from grader.server.rules.schedule import Due
from grader.server.rules.standings import Record, Standing, standing
from grader.server.store.records import (
    all_due_dates,
    all_records,
    current_definitions,
    due_dates_of,
    records_of,
)
from grader.server.store.tables.attempts import AttemptRow
from grader.server.store.tables.course import VersionRow

_PEOPLE_AT_ONCE = 200


class _Seen(NamedTuple):
    """What a person's standing follows from, but for the policy and the versions."""

    answered: tuple[object, ...]  # how many attempts, and when the last of them was
    due: tuple[object, ...]


class Standings:
    """A process keeps everybody's: half a thousand people with all homeworks have some 100,000 results."""

    def __init__(self, policies: Policies):
        self._policies = policies
        self._lock = threading.Lock()
        self._course: tuple[object, ...] = ()
        self._kept: dict[int, tuple[_Seen, Standing]] = {}

    def of(self, session: Session, person_id: int) -> Standing:
        """Return one person's standing."""
        definitions, own = current_definitions(session), due_dates_of(session, person_id)
        return standing(self._policies.current, definitions, records_of(session, person_id), own)

    def everybody(self, session: Session, people: Sequence[int]) -> dict[int, Standing]:
        """Return the standing of each of these people."""
        with self._lock:
            number, policy = self._policies.numbered
            self._forget_another_course(session, number)
            due, answered = all_due_dates(session), _answered(session)
            seen = {
                one: _Seen(answered.get(one, ()), tuple(sorted(due.get(one, {}).items()))) for one in people
            }
            stale = [one for one in people if one not in self._kept or self._kept[one][0] != seen[one]]
            for person_id, found in computed(session, policy, stale, due):
                self._kept[person_id] = (seen[person_id], found)
            return {one: self._kept[one][1] for one in people}

    def _forget_another_course(self, session: Session, policy_number: int) -> None:
        versions = session.execute(select(func.max(VersionRow.id), func.sum(VersionRow.edition))).one()
        course = (policy_number, *versions)
        if course != self._course:
            self._course, self._kept = course, {}


def computed(
    session: Session, policy: Policy, people: Sequence[int], due: Mapping[int, Due]
) -> Iterator[tuple[int, Standing]]:
    """Yield each person's standing under a policy, from the stored attempts."""
    definitions = current_definitions(session)
    for start in range(0, len(people), _PEOPLE_AT_ONCE):
        some = people[start : start + _PEOPLE_AT_ONCE]
        records: dict[int, list[Record]] = {one: [] for one in some}
        for person_id, record in all_records(session, some):
            records[person_id].append(record)
        for person_id, mine in records.items():
            yield person_id, standing(policy, definitions, mine, due.get(person_id))


def _answered(session: Session) -> dict[int, tuple[object, ...]]:
    query = (
        select(AttemptRow.person_id, func.count(AttemptRow.answered_at), func.max(AttemptRow.answered_at))
        .where(AttemptRow.answered_at.is_not(None))
        .group_by(AttemptRow.person_id)
    )
    return {person_id: (count, last) for person_id, count, last in session.execute(query)}
