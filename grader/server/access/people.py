"""People and their keys: who signs in, the roster, and what is done when a key is lost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from grader.server.access.keys import is_key, key_digest, new_key
from grader.server.messages.people import EnrolledPerson, FreshKey, Revoked, Roster, RosterPerson
from grader.server.refusals import Refused
from grader.server.rules.permissions import Permission, permissions
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import KeyRow, PersonRow

_ASK = {"WWW-Authenticate": "Bearer"}


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


def person_of(row: PersonRow, key: KeyRow) -> Person:
    """Return a person as they stand in the database, with what their key is for."""
    return Person(row.id, row.name, row.email, row.role, key.digest, permissions(row.role, key.scopes))


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
        query = select(PersonRow, KeyRow).join(KeyRow).where(KeyRow.digest == key_digest(key))
        with self._database.read() as session:
            found = session.execute(query).one_or_none()
        if found is None:
            raise Refused(
                401, "This key is not known here. Check the server's address, and your copy of the key.", _ASK
            )
        row, used = found
        if used.revoked_at:
            raise Refused(
                401,
                f"This key was revoked on {used.revoked_at:%Y-%m-%d}. Ask your instructor for a new one.",
                _ASK,
            )
        if row.left_at:
            said = f"You left this course on {row.left_at:%Y-%m-%d}; your scores are kept."
            raise Refused(403, f"{said} Ask your instructor if that is a mistake.")
        return person_of(row, used)

    def enrol(self, people: Iterable[RosterPerson]) -> Roster:
        """Add people and correct those there are, by e-mail address. Raises: Refused for one twice."""
        people = list(people)
        for address, count in Counter(person.email for person in people).items():
            if count > 1:
                raise Refused(
                    422, f"{address} stands twice in this roster. Expected one of each; nothing was changed."
                )
        with self._database.write() as session:
            enrolled = [_enrol(session, person, self._clock()) for person in people]
            _require_an_instructor(session)
        return Roster(people=enrolled)

    def revoke(self, email: str) -> Revoked:
        with self._database.write() as session:
            person = _person(session, email)
            count = _revoke(session, person, self._clock())
            _require_an_instructor(session)
        return Revoked(email=email, revoked=count)

    def renew(self, email: str) -> FreshKey:
        """Give a person a new key and revoke the older ones."""
        with self._database.write() as session:
            person = _person(session, email)
            _revoke(session, person, self._clock())
            return FreshKey(email=email, key=_give_key(session, person, self._clock()))

    def first_instructor(self) -> str | None:
        """Return the key of the instructor that a new server is started with; None when it has people."""
        with self._database.write() as session:
            if session.scalar(select(func.count(PersonRow.id))):
                return None
            person = RosterPerson(name="Instructor", email="instructor@localhost", role="instructor")
            return _enrol(session, person, self._clock()).key


def _enrol(session: Session, person: RosterPerson, now: datetime) -> EnrolledPerson:
    row = session.scalar(select(PersonRow).where(PersonRow.email == person.email))
    key = None
    if row is None:
        row = PersonRow(name=person.name, email=person.email, role=person.role, created_at=now)
        session.add(row)
        session.flush()
        key = _give_key(session, row, now)
    row.name, row.role = person.name, person.role
    session.flush()
    return EnrolledPerson(
        email=person.email, name=person.name, role=person.role, key=key, created=key is not None
    )


def _give_key(session: Session, person: PersonRow, now: datetime) -> str:
    key = new_key()
    session.add(KeyRow(digest=key_digest(key), person_id=person.id, created_at=now))
    session.flush()
    return key


def _revoke(session: Session, person: PersonRow, now: datetime) -> int:
    live = (KeyRow.person_id == person.id, KeyRow.revoked_at.is_(None))
    count = session.scalar(select(func.count()).select_from(KeyRow).where(*live)) or 0
    session.execute(update(KeyRow).where(*live).values(revoked_at=now))
    return count


def _person(session: Session, email: str) -> PersonRow:
    row = session.scalar(select(PersonRow).where(PersonRow.email == email))
    if row is None:
        raise Refused(404, f"Nobody here has the address {email}. GET /api/v1/gradebook lists the students.")
    return row


def _require_an_instructor(session: Session) -> None:
    """Raises: Refused, which undoes the change, when nobody could administer the course any more."""
    live = select(KeyRow.person_id).where(KeyRow.revoked_at.is_(None))
    instructors = select(func.count(PersonRow.id)).where(
        PersonRow.role == "instructor", PersonRow.id.in_(live)
    )
    if not session.scalar(instructors):
        said = "This would leave the course without an instructor who has a key. Nothing was changed."
        raise Refused(409, f"{said} Give another person the role first.")
