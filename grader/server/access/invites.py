"""Self-registration: a code with a cap, with which people put themselves on the roster."""

import hashlib
import secrets

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.server.access.audit import record
from grader.server.access.people import Person, give_key, require_within
from grader.server.messages.people import FreshKey, Invite, InviteRequest, JoinRequest, NewInvite
from grader.server.refusals import Refused
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import InviteRow, PersonRow

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
_GROUPS, _EACH = 4, 4  # 79 random bits


class Invites:
    def __init__(self, settings: Settings, database: Database):
        self._clock = settings.clock
        self._database = database

    def open(self, actor: Person, request: InviteRequest) -> NewInvite:
        """Make a code with which as many people may join as the cap says."""
        require_within(actor, "student")
        code = _new_code()
        with self._database.write() as session:
            row = InviteRow(digest=_digest(code), section=request.section, cap=request.cap, used=0)
            row.created_at = self._clock()
            session.add(row)
            session.flush()
            record(session, self._clock(), actor, "invite opened", invite=row.id, cap=row.cap)
            return NewInvite(code=code, **_shown(row).model_dump())

    def all(self) -> list[Invite]:
        """Return the invitations, newest first; their codes are nowhere."""
        with self._database.read() as session:
            return [_shown(row) for row in session.scalars(select(InviteRow).order_by(InviteRow.id.desc()))]

    def close(self, actor: Person, number: int) -> Invite:
        """Let nobody join with this one any more. Raises: Refused when there is none."""
        with self._database.write() as session:
            row = session.get(InviteRow, number)
            if row is None:
                raise Refused(404, f"There is no invitation {number}. `grader invite list` shows them.")
            if row.closed_at is None:
                row.closed_at = self._clock()
                record(session, self._clock(), actor, "invite closed", invite=row.id)
            return _shown(row)

    def join(self, request: JoinRequest) -> FreshKey:
        """Put a new student on the roster and return their key. Raises: Refused."""
        now = self._clock()
        with self._database.write() as session:
            invite = self._use(session, request.code)
            if session.scalar(select(PersonRow.id).where(PersonRow.email == request.email)):
                said = f"{request.email} can't join with this code."
                raise Refused(409, f"{said} Use the key that you have, or ask your instructor for a new one.")
            person = PersonRow(name=request.name, email=request.email, role="student", created_at=now)
            person.section = invite.section
            session.add(person)
            session.flush()
            record(session, now, None, "person joined", person_id=person.id, invite=invite.id)
            return FreshKey(email=request.email, key=give_key(session, person.id, now))

    def _use(self, session: Session, code: str) -> InviteRow:
        """Take one of the code's places. One statement, so that two at once can't take the same."""
        found = (InviteRow.digest == _digest(code), InviteRow.closed_at.is_(None))
        taken = (
            update(InviteRow).where(*found, InviteRow.used < InviteRow.cap).values(used=InviteRow.used + 1)
        )
        row = session.scalars(taken.returning(InviteRow)).one_or_none()
        if row is None:
            said = "This code lets nobody join: it is mistyped, closed, or used up."
            raise Refused(403, f"{said} Ask whoever gave it to you for another.")
        return row


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_EACH)) for _ in range(_GROUPS))


def _digest(code: str) -> str:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"invite:{plain}".encode()).hexdigest()


def _shown(row: InviteRow) -> Invite:
    fields = ("id", "section", "cap", "used", "created_at", "closed_at")
    return Invite(**{name: getattr(row, name) for name in fields})
