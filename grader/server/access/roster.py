"""The roster: who is in the course, and what a list of people changes about that."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.server.access.audit import record
from grader.server.access.people import Person, give_key, require_an_instructor, require_within
from grader.server.messages.people import EnrolledPerson, FieldChange, Roster, RosterEntry, RosterPerson
from grader.server.refusals import Refused
from grader.server.rules.roster import Move, Place, moves
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import KeyRow, PersonRow


class Rosters:
    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database

    def enrol(
        self,
        actor: Person,
        people: Iterable[RosterPerson],
        remove_others: bool = False,
        dry_run: bool = False,
    ) -> Roster:
        """Add people and correct those there are, by e-mail address, all of them or none.

        Raises: Refused for one twice, or where no instructor would be left.
        """
        people = list(people)
        _require_once(people)
        with self._database.write() as session:
            rows = {row.email: row for row in session.scalars(select(PersonRow).order_by(PersonRow.id))}
            planned = moves(
                {email: _place(row) for email, row in rows.items()},
                [_wanted(one, rows.get(one.email)) for one in people],
                remove_others,
            )
            _require_within(actor, planned)
            done = [self._move(session, actor, move, rows.get(move.after.email)) for move in planned]
            require_an_instructor(session)
            if dry_run:
                session.rollback()
        keys = [None] * len(done) if dry_run else done
        enrolled = [_enrolled(move, key) for move, key in zip(planned, keys, strict=True)]
        return Roster(dry_run=dry_run, people=enrolled)

    def everybody(self, section: str | None) -> list[RosterEntry]:
        """Return everybody, or a section, by name."""
        live = (KeyRow.person_id == PersonRow.id, KeyRow.revoked_at.is_(None))
        keys = select(func.count()).select_from(KeyRow).where(*live).scalar_subquery()
        query = select(PersonRow, keys).order_by(PersonRow.name, PersonRow.email)
        if section is not None:
            query = query.where(PersonRow.section == section)
        with self._database.read() as session:
            return [_entry(row, count) for row, count in session.execute(query)]

    def _move(self, session: Session, actor: Person, move: Move, row: PersonRow | None) -> str | None:
        """Store what becomes of one person; return the key of a new one."""
        now, key, after = self._clock(), None, move.after
        if row is None:
            row = PersonRow(name=after.name, email=after.email, role=after.role, created_at=now)
            session.add(row)
            session.flush()
            key = give_key(session, row.id, now)
        row.name, row.section, row.role = after.name, after.section, after.role
        if move.standing in ("left", "returned"):
            row.left_at = now if after.left else None
        if move.standing != "unchanged":
            detail: dict[str, Any] = {name: [was, new] for name, was, new in move.changes}
            record(session, now, actor, f"person {move.standing}", person_id=row.id, **detail)
        return key


def _require_once(people: list[RosterPerson]) -> None:
    for address, count in Counter(person.email for person in people).items():
        if count > 1:
            raise Refused(
                422, f"{address} stands twice in this roster. Expected one of each; nothing was changed."
            )


def _require_within(actor: Person, planned: list[Move]) -> None:
    for move in planned:
        if move.before is None or move.standing == "returned" or move.before.role != move.after.role:
            require_within(actor, move.after.role)


def _place(row: PersonRow) -> Place:
    return Place(row.name, row.email, row.section, row.role, row.left_at is not None)


def _wanted(person: RosterPerson, row: PersonRow | None) -> Place:
    """Return the place that a line of the roster gives someone; what it leaves open stays as it is."""
    section, role = (row.section, row.role) if row else ("", "student")
    section = section if person.section is None else person.section
    return Place(person.name, person.email, section, person.role or role)


def _enrolled(move: Move, key: str | None) -> EnrolledPerson:
    changes = [FieldChange(field=name, was=was, now=now) for name, was, now in move.changes]
    return EnrolledPerson.model_validate(
        {
            "email": move.after.email,
            "name": move.after.name,
            "section": move.after.section,
            "role": move.after.role,
            "standing": move.standing,
            "changes": changes,
            "key": key,
            "created": move.before is None,
        }
    )


def _entry(row: PersonRow, keys: int) -> RosterEntry:
    fields = ("name", "email", "section", "role", "created_at", "left_at")
    return RosterEntry(**{name: getattr(row, name) for name in fields}, keys=keys)
