"""The policy in force: course.yaml as it was last applied, kept with the grades that follow from it."""

import copy
import logging
import time
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.rules.policy_changes import changes
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.course import PolicyRow

LOG = logging.getLogger("grader.server")
_FRESH = 1.0  # seconds for which this process does not ask whether another one applied a policy


class Policies:
    """The first start takes course.yaml as it is; afterwards `grader regrade` changes the policy."""

    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database
        self._in_force = 0, settings.policy  # one value, so that a reader never has another policy's number
        self._asked = -_FRESH
        with database.write() as session:
            if not session.scalar(select(func.count(PolicyRow.number))):
                session.add(_row(settings.policy, self._clock(), None))
        differ = [field for field, _, _ in changes(self.current, settings.policy)]
        if differ:
            said = "course.yaml differs from the policy in force in %s. To apply it, run: grader regrade"
            LOG.warning(said, ", ".join(differ[:5]) + (" and more" if len(differ) > 5 else ""))

    @property
    def current(self) -> Policy:
        return self.numbered[1]

    @property
    def numbered(self) -> tuple[int, Policy]:
        """Return the current policy with its number: another number, another policy."""
        if time.monotonic() - self._asked >= _FRESH:
            with self._database.read() as session:
                self._take(session)
        return self._in_force

    @property
    def known(self) -> Policy:
        """Return the policy as this process last saw it, without asking the database."""
        return self._in_force[1]

    def apply(self, policy: Policy, actor: Person) -> None:
        """Put a policy in force, for every process that serves the course."""
        with self._database.write() as session:
            session.add(_row(policy, self._clock(), actor))
            record(session, self._clock(), actor, "policy", before=self.known.model_dump(mode="json"))
            session.flush()
            self._take(session)

    def _take(self, session: Session) -> None:
        newest = session.scalar(select(func.max(PolicyRow.number))) or 0
        if newest != self._in_force[0]:
            content = session.get_one(PolicyRow, newest).content
            self._in_force = newest, stored_policy(content)
        self._asked = time.monotonic()


def stored_policy(content: dict[str, Any]) -> Policy:
    """Return a policy as it was kept, perhaps by another grader, without the fields that this one lacks."""
    try:
        return Policy.model_validate(content, strict=False)
    except ValidationError as error:
        unknown = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
        if not unknown:
            raise
    known = copy.deepcopy(content)
    for *within, name in unknown:
        holder: Any = known
        for step in within:
            holder = holder[step]
        del holder[name]
    return Policy.model_validate(known, strict=False)


def _row(policy: Policy, now: datetime, actor: Person | None) -> PolicyRow:
    return PolicyRow(
        content=policy.model_dump(mode="json"), applied_at=now, applied_by=actor.id if actor else None
    )
