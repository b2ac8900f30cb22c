"""Take a proposal or an archive from a group, and give it back to those who may see it."""

from collections.abc import Callable

from sqlalchemy import select

from grader.course.policy import Policy
from grader.course.project import PROJECT
from grader.project.packing import open_project
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.messages.project import HandedIn
from grader.server.project.groups import require_group
from grader.server.project.publications import definition_of, published_project
from grader.server.project.reviews import require_hand_in, shown_hand_in
from grader.server.rules.project import read_hand_in, require_in_time, require_open
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.files import Files
from grader.server.store.tables.project import HandInRow


class HandIns:
    def __init__(self, settings: Settings, database: Database, files: Files, policy: Callable[[], Policy]):
        self._clock = settings.clock
        self._database = database
        self._files = files
        self._policy = policy

    def take(self, person: Person, body: bytes) -> HandedIn:
        """Keep what a group sends; the same file again is the same hand-in.

        Raises: Refused after the due date; WireError for what can't be read.
        """
        policy, now = self._policy(), self._clock()
        require_open(policy, now)
        with self._database.read() as session:
            require_group(session, person)  # before megabytes are looked through
            definition = definition_of(published_project(session))
        sent = read_hand_in(body, definition)
        if sent.kind == "project":
            open_project(sent.file, definition)
        digest = self._files.put(sent.file)
        with self._database.write() as session:
            group = require_group(session, person)
            same = select(HandInRow).where(
                HandInRow.group_id == group.id, HandInRow.kind == sent.kind, HandInRow.file == digest
            )
            before = session.scalar(same)
            if before is not None:
                return HandedIn(hand_in=shown_hand_in(session, before), created=False)
            require_in_time(policy, sent.kind, now)
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
