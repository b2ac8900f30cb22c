"""Who someone is: a person with a key, found by it, and how a person and a key come into the course."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from grader.server.access.keys import is_key, key_digest, new_key
from grader.server.refusals import Refused
from grader.server.rules.permissions import Permission, permissions
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import KeyRow, PersonRow

_ASK = {"WWW-Authenticate": "Bearer"}
# every request asks for a person and a key, and a session would look at each row: these are the tables' own
_PEOPLE, _KEYS = PersonRow.__table__.c, KeyRow.__table__.c
PERSON_AND_KEY = (
    *(_PEOPLE.id, _PEOPLE.name, _PEOPLE.email, _PEOPLE.role, _PEOPLE.left_at),
    *(_KEYS.digest, _KEYS.scopes, _KEYS.revoked_at),
)
_OF_KEY = (
    select(*PERSON_AND_KEY)
    .join(KeyRow.__table__, _KEYS.person_id == _PEOPLE.id)
    .where(_KEYS.digest == bindparam("digest"))
)


@dataclass(frozen=True)
class Person:
    """Someone who has signed in."""

    id: int
    name: str
    email: str
    role: str
    key_digest: str  # of the key that was shown
    permissions: frozenset[str]

    @property
    def is_instructor(self) -> bool:
        return self.role == "instructor"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def person_of(row: Any) -> Person:
    """Return the person of a row of PERSON_AND_KEY, with what their key is for."""
    return Person(row.id, row.name, row.email, row.role, row.digest, permissions(row.role, row.scopes))


class People:
    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database

    def sign_in(self, key: str) -> Person:
        """Return the person of a key. Raises: Refused when there is none, or it was revoked."""
        if not is_key(key):
            raise Refused(
                401,
                "This is no key of this course. Expected `ndl_` and 40 characters; check your copy.",
                _ASK,
            )
        with self._database.read() as session:
            found = session.execute(_OF_KEY, {"digest": key_digest(key)}).one_or_none()
        if found is None:
            raise Refused(
                401, "This key is not known here. Check the server's address, and your copy of the key.", _ASK
            )
        if found.revoked_at:
            raise Refused(
                401,
                f"This key was revoked on {found.revoked_at:%Y-%m-%d}. Ask your instructor for a new one.",
                _ASK,
            )
        if found.left_at:
            said = f"You left this course on {found.left_at:%Y-%m-%d}; your scores are kept."
            raise Refused(403, f"{said} Ask your instructor if that is a mistake.")
        return person_of(found)

    def first_instructor(self) -> str | None:
        """Return the key of the instructor that a new server is started with; None when it has people."""
        with self._database.write() as session:
            if session.scalar(select(func.count(PersonRow.id))):
                return None
            now = self._clock()
            row = PersonRow(
                name="Instructor", email="instructor@localhost", role="instructor", created_at=now
            )
            session.add(row)
            session.flush()
            return give_key(session, row.id, now)


def give_key(
    session: Session, person_id: int, now: datetime, label: str = "", scopes: list[str] | None = None
) -> str:
    """Return a new key of a person, whose digest alone is kept."""
    key = new_key()
    row = KeyRow(digest=key_digest(key), person_id=person_id, label=label, scopes=scopes, created_at=now)
    session.add(row)
    session.flush()
    return key


def person_at(session: Session, email: str) -> PersonRow:
    """Return the person of an address. Raises: Refused when there is none."""
    row = session.scalar(select(PersonRow).where(PersonRow.email == email))
    if row is None:
        raise Refused(404, f"Nobody here has the address {email}. `grader roster list` shows who is here.")
    return row


def require_an_instructor(session: Session) -> None:
    """Raises: Refused, which undoes the change, when nobody could administer the course any more."""
    session.flush()
    query = (
        select(PersonRow.role, KeyRow.scopes)
        .join(KeyRow, KeyRow.person_id == PersonRow.id)
        .where(PersonRow.role == "instructor", PersonRow.left_at.is_(None), KeyRow.revoked_at.is_(None))
        .with_for_update()  # so that two instructors who end each other's place do it in turn
    )
    if not any("manage" in permissions(role, scopes) for role, scopes in session.execute(query)):
        said = "This would leave the course without an instructor who has a key. Nothing was changed."
        raise Refused(409, f"{said} Give another person the role first.")


def require_within(actor: Person, role: str) -> None:
    """Raises: Refused where a key would bring about another that may do more than it."""
    if not permissions(role, None) <= actor.permissions:
        said = f"The key that you use may not do all that an unscoped key of the role {role} may."
        raise Refused(403, f"{said} Nothing was changed. Use one without scopes.")
