"""Signing in to the pages: a one-time link made from a key, then a cookie; both end with that key."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from grader.server.access.people import PERSON_AND_KEY, Person, person_of
from grader.server.refusals import Refused
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import KeyRow, LinkRow, PersonRow, SessionRow

LINK_LASTS = timedelta(minutes=5)
SESSION_LASTS = timedelta(days=7)
FORGOTTEN = timedelta(days=1)  # what has ended longer ago is deleted
_PEOPLE, _KEYS, _SESSIONS = PersonRow.__table__.c, KeyRow.__table__.c, SessionRow.__table__.c
_OF_SESSION = (
    select(*PERSON_AND_KEY, _SESSIONS.expires_at)
    .join(SessionRow.__table__, _SESSIONS.person_id == _PEOPLE.id)
    .join(KeyRow.__table__, _KEYS.digest == _SESSIONS.key_digest)
    .where(_SESSIONS.digest == bindparam("digest"), _SESSIONS.ended_at.is_(None))
)


@dataclass(frozen=True)
class SignedInSession:
    """Someone's session in a browser."""

    person: Person
    csrf: str  # what every form of this session carries


class Sessions:
    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database

    def make_link(self, person: Person) -> str:
        """Return a code with which this person, once and soon, opens a session."""
        code = secrets.token_urlsafe(24)
        with self._database.write() as session:
            expires = self._clock() + LINK_LASTS
            old = (LinkRow.person_id == person.id, LinkRow.expires_at < self._clock() - FORGOTTEN)
            session.execute(delete(LinkRow).where(*old))
            session.add(
                LinkRow(
                    digest=_digest(code),
                    person_id=person.id,
                    key_digest=person.key_digest,
                    expires_at=expires,
                )
            )
        return code

    def owner(self, code: str) -> str:
        """Return the name of the person whose link this is, which stays unused. Raises: Refused."""
        with self._database.read() as session:
            link = _live(session.get(LinkRow, _digest(code)), self._clock())
            return session.get_one(PersonRow, link.person_id).name

    def open(self, code: str) -> str:
        """Use a link up and return the token for the session's cookie. Raises: Refused."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        with self._database.write() as session:
            link = _live(session.get(LinkRow, _digest(code), with_for_update=True), now)
            link.used_at = now
            old = (SessionRow.person_id == link.person_id, SessionRow.expires_at < now - FORGOTTEN)
            session.execute(delete(SessionRow).where(*old))
            row = SessionRow(digest=_digest(token), person_id=link.person_id, key_digest=link.key_digest)
            row.created_at, row.expires_at = now, now + SESSION_LASTS
            session.add(row)
        return token

    def find(self, token: str) -> SignedInSession | None:
        """Return whose session this is; None when there is none, or it or its key has ended."""
        with self._database.read() as session:
            found = session.execute(_OF_SESSION, {"digest": _digest(token)}).one_or_none()
        if found is None or self._clock() >= found.expires_at or found.revoked_at or found.left_at:
            return None
        return SignedInSession(person_of(found), _digest(f"csrf:{token}"))

    def end(self, token: str) -> None:
        with self._database.write() as session:
            ended = update(SessionRow).where(SessionRow.digest == _digest(token))
            session.execute(ended.values(ended_at=self._clock()))


def _live(link: LinkRow | None, now: datetime) -> LinkRow:
    if link is None or link.used_at is not None or now >= link.expires_at:
        said = "This link was used before, or is too old: it works once, for five minutes."
        raise Refused(410, f"{said} Run `grader open` for another one.")
    return link


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
