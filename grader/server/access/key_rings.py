"""A person's keys: their own to make, list and revoke, and an instructor's to renew for others."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.server.access.audit import record
from grader.server.access.keys import key_digest, key_id
from grader.server.access.people import Person, give_key, person_at, require_an_instructor, require_within
from grader.server.messages.people import FreshKey, KeyRequest, NewKey, OwnKey, Revoked
from grader.server.refusals import Refused
from grader.server.rules.permissions import permissions
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import KeyRow

_MOST = 50  # keys of a person that are not revoked


class KeyRings:
    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database

    def of(self, person: Person) -> list[OwnKey]:
        """Return a person's own keys, oldest first."""
        query = select(KeyRow).where(KeyRow.person_id == person.id).order_by(KeyRow.created_at)
        with self._database.read() as session:
            return [_shown(row, person) for row in session.scalars(query)]

    def make(self, person: Person, request: KeyRequest) -> NewKey:
        """Give a person one more key, for no more than the key that they ask with."""
        with self._database.write() as session:
            used = session.get_one(KeyRow, person.key_digest)
            scopes: list[str] | None = used.scopes if request.scopes is None else sorted(request.scopes)
            wider = set(request.scopes or ()) - permissions(person.role, used.scopes)
            if wider:
                said = f"The key that you use is not for {', '.join(sorted(wider))}."
                raise Refused(403, f"{said} Expected scopes that it has. Make this one with a wider key.")
            live = select(KeyRow).where(KeyRow.person_id == person.id, KeyRow.revoked_at.is_(None))
            if len(session.scalars(live).all()) >= _MOST:
                raise Refused(409, f"You have {_MOST} keys, the most there may be. Revoke one of them first.")
            key = give_key(session, person.id, self._clock(), request.label, scopes)
            self._record(session, person, "key made", person.id, key=key_id(key_digest(key)), scopes=scopes)
        return NewKey(id=key_id(key_digest(key)), key=key)

    def revoke(self, person: Person, name: str) -> OwnKey:
        """Revoke one of a person's own keys; a narrow key revokes none that may do more.

        Raises: Refused.
        """
        with self._database.write() as session:
            row = _own(session, person, name)
            if row.digest != person.key_digest:
                _require_as_wide(person, row)
            if row.revoked_at is None:
                row.revoked_at = self._clock()
                self._record(session, person, "key revoked", person.id, key=key_id(row.digest))
            require_an_instructor(session)
            return _shown(row, person)

    def revoke_all(self, actor: Person, email: str) -> Revoked:
        with self._database.write() as session:
            person = person_at(session, email)
            count = _revoke(session, person.id, self._clock())
            self._record(session, actor, "keys revoked", person.id, count=count)
            require_an_instructor(session)
        return Revoked(email=email, revoked=count)

    def renew(self, actor: Person, email: str) -> FreshKey:
        """Give a person a new key and revoke the older ones."""
        with self._database.write() as session:
            person = person_at(session, email)
            require_within(actor, person.role)
            count = _revoke(session, person.id, self._clock())
            key = give_key(session, person.id, self._clock())
            made = key_id(key_digest(key))
            self._record(session, actor, "key renewed", person.id, key=made, revoked=count)
        return FreshKey(email=email, key=key)

    def _record(self, session: Session, actor: Person, action: str, person_id: int, **detail: Any) -> None:
        record(session, self._clock(), actor, action, person_id=person_id, **detail)


def _shown(row: KeyRow, person: Person) -> OwnKey:
    fields = ("label", "scopes", "created_at", "revoked_at")
    said = {name: getattr(row, name) for name in fields}
    return OwnKey(id=key_id(row.digest), current=row.digest == person.key_digest, **said)


def _own(session: Session, person: Person, name: str) -> KeyRow:
    mine = session.scalars(select(KeyRow).where(KeyRow.person_id == person.id))
    for row in mine:
        if key_id(row.digest) == name:
            return row
    raise Refused(404, "You have no key of this id. `grader key list` shows those you have.")


def _require_as_wide(person: Person, row: KeyRow) -> None:
    if not permissions(person.role, row.scopes) <= person.permissions:
        said = "That key may do more than the one that you use, which may not revoke it."
        raise Refused(403, f"{said} Use a key that may do as much, or ask your instructor.")


def _revoke(session: Session, person_id: int, now: datetime) -> int:
    live = (KeyRow.person_id == person_id, KeyRow.revoked_at.is_(None))
    revoked = session.execute(update(KeyRow).where(*live).values(revoked_at=now).returning(KeyRow.digest))
    return len(revoked.all())
