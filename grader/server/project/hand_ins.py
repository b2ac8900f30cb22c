"""Take a proposal or an archive from a group, and give it back to those who may see it."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.course.project import PROJECT
from grader.project.packing import files_in
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.messages.project import HandedIn
from grader.server.project.dates import dates_for
from grader.server.project.groups import lock_group, require_group
from grader.server.project.publications import definition_of, published_project
from grader.server.project.reviews import require_hand_in, shown_hand_in
from grader.server.refusals import Refused
from grader.server.rules.project import Sent, read_hand_in, require_in_time, require_open
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.files import Files
from grader.server.store.tables.project import GroupRow, HandInRow


class HandIns:
    def __init__(self, settings: Settings, database: Database, files: Files, policy: Callable[[], Policy]):
        self._clock = settings.clock
        self._database = database
        self._files = files
        self._policy = policy

    def take(self, person: Person, body: bytes) -> HandedIn:
        """Keep what a group sends; what was sent last, sent again, is the same hand-in.

        Raises: Refused after the due date, and for too many in an hour; WireError for what can't be read.
        """
        policy, now = self._policy(), self._clock()
        require_open(policy, now)
        with self._database.read() as session:
            group = require_group(session, person)
            definition = definition_of(published_project(session))
            sent = read_hand_in(body, definition)
            if (known := _known(session, group, sent)) is not None:
                return HandedIn(hand_in=shown_hand_in(session, known), created=False)
            require_in_time(dates_for(session, policy, person.id), sent.kind, now)
            _require_few(session, group, now, policy.attempts_per_hour)
        if sent.kind == "project":
            for _ in files_in(sent.file, definition):
                pass  # each is looked at and let go: unpacked, they might fill the memory
        return self._keep(person, sent, now)

    def _keep(self, person: Person, sent: Sent, now: datetime) -> HandedIn:
        digest = self._files.put(sent.file)
        with self._database.write() as session:
            group = require_group(session, person)
            lock_group(session, group.id)  # for somebody else of the group may send the same now
            if (known := _known(session, group, sent)) is not None:
                return HandedIn(hand_in=shown_hand_in(session, known), created=False)
            row = HandInRow(
                group_id=group.id,
                person_id=person.id,
                kind=sent.kind,
                track=sent.track,
                at=now,
                file=digest,
                size=len(sent.file),
                checks=sent.checks.model_dump(),
            )
            session.add(row)
            session.flush()
            said = {"hand_in": row.id, "kind": sent.kind, "group": group.name}
            record(session, now, person, "hand in", person_id=person.id, assignment=PROJECT, **said)
            return HandedIn(hand_in=shown_hand_in(session, row), created=True)

    def file(self, person: Person, number: int) -> tuple[str, bytes]:
        """Return the kind and the bytes of a hand-in. Raises: Refused for another group's."""
        with self._database.read() as session:
            row = require_hand_in(session, person, number)
        return row.kind, self._files.read(row.file)


def _known(session: Session, group: GroupRow, sent: Sent) -> HandInRow | None:
    """Return the group's newest hand-in of this kind if it is the same; an older one does not count."""
    mine = (HandInRow.group_id == group.id, HandInRow.kind == sent.kind)
    row = session.scalar(select(HandInRow).where(*mine).order_by(HandInRow.id.desc()).limit(1))
    digest = hashlib.sha256(sent.file).hexdigest()
    same = row is not None and (row.file, row.track, row.checks) == (
        digest,
        sent.track,
        sent.checks.model_dump(),
    )
    return row if same else None


def _require_few(session: Session, group: GroupRow, now: datetime, most: int) -> None:
    recent = (HandInRow.group_id == group.id, HandInRow.at > now - timedelta(hours=1))
    if (session.scalar(select(func.count(HandInRow.id)).where(*recent)) or 0) >= most:
        said = f"Your group has handed in {most} times within an hour, which is the limit."
        raise Refused(429, f"{said} Nothing was handed in; try again later.")
