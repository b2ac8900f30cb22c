"""Issue certificates, replace and revoke them, and say of one whether it holds."""

import logging
import re
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.credentials import Certificate, verify
from grader.errors import CredentialError
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.certificates.credential import PAGES, Holder, credential, status_list
from grader.server.certificates.earning import asked_average, missing
from grader.server.certificates.signing import SigningKey, open_key
from grader.server.grades.policies import Policies
from grader.server.grades.standings import Standings
from grader.server.messages.certificates import CertificateStanding, Checked, Issued
from grader.server.refusals import Refused
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.certificates import CertificateRow
from grader.server.store.tables.people import PersonRow

LOG = logging.getLogger("grader.server")
_ID = re.compile(r"[0-9a-f-]{36}")
Accepted = Callable[[Session, int], bool]  # whether a person's project is


class Certificates:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        policies: Policies,
        standings: Standings,
        accepted: Accepted,
    ):
        self.public_url = settings.public_url
        self._clock = settings.clock
        self._data = settings.data
        self.fonts = settings.data / "fonts"  # the course's own
        self._database = database
        self._policies = policies
        self._standings = standings
        self._accepted = accepted

    @cached_property
    def key(self) -> SigningKey:
        with self._database.read() as session:  # without a row that this request may be adding
            issued = session.scalar(select(CertificateRow.number).limit(1)) is not None
        return open_key(self._data, issued)

    def standing(self, person: Person, base: str) -> CertificateStanding:
        """Return what a person has, or lacks."""
        with self._database.read() as session:
            average, lacking = self._lacking(session, person)
            row = _newest(session, person.id)
        return CertificateStanding(
            average=average,
            asked=asked_average(self._policies.current.certificate),
            missing=lacking,
            certificate=_issued(row, base) if row else None,
        )

    def issue(self, person: Person, base: str) -> Issued:
        """Return a person's certificate, issued if there is none. Raises: Refused, with what is missing."""
        with self._database.write() as session:
            session.get(PersonRow, person.id, with_for_update=True)  # two requests at once issue one
            row = _newest(session, person.id)
            if row is not None and row.revoked_at is not None:
                said = f"Your certificate was revoked on {row.revoked_at:%Y-%m-%d} ({row.reason})."
                raise Refused(409, f"{said} Ask your instructor, who can issue another.")
            if row is None:
                row = self._sign(session, person, base, person)
            return _issued(row, base)

    def reissue(self, actor: Person, email: str, base: str) -> Issued:
        """Replace a person's certificate by one of their present name and average. Raises: Refused."""
        with self._database.write() as session:
            person = _person(session, email)
            old = _newest(session, person.id)
            row = self._sign(session, person, base, actor)
            if old is not None and old.revoked_at is None:
                old.revoked_at, old.reason = self._clock(), "replaced by a newer one"
            return _issued(row, base)

    def revoke(self, actor: Person, email: str, reason: str, base: str) -> Issued:
        """Take a person's certificate back. Raises: Refused when there is none that holds."""
        with self._database.write() as session:
            person = _person(session, email)
            row = _newest(session, person.id)
            if row is None or row.revoked_at is not None:
                raise Refused(409, f"{email} has no certificate that holds. Nothing was changed.")
            row.revoked_at, row.reason = self._clock(), reason
            record(
                session,
                self._clock(),
                actor,
                "certificate_revoked",
                person_id=person.id,
                id=row.id,
                reason=reason,
            )
            return _issued(row, base)

    def check(self, certificate_id: str) -> Checked:
        """Return what anybody may know of a certificate, once its signature was checked."""
        with self._database.read() as session:
            known = select(CertificateRow).where(CertificateRow.id == certificate_id)
            row = session.scalar(known) if _ID.fullmatch(certificate_id) else None
        signed = self._signed(row) if row else None
        if row is None or signed is None:
            return Checked(status="unknown")
        return Checked(
            status="revoked" if row.revoked_at else "valid",
            name=signed.name,
            course=signed.course,
            average=signed.average,
            issuer=signed.issuer,
            issued_at=signed.issued_at,
            self_issued=signed.self_issued,
            revoked_at=row.revoked_at,
            reason=row.reason,
            credential=row.credential,
        )

    def document(self, person: Person) -> bytes:
        """Return a person's certificate as a PDF. Raises: Refused when they have none."""
        with self._database.read() as session:
            row = _newest(session, person.id)
        signed = self._signed(row) if row else None
        if row is None or signed is None:
            raise Refused(404, "You have no certificate yet. Run `grader certificate`, which asks for it.")
        # fonts and images take memory, which a server that draws no certificate can do without
        from grader.server.certificates.document import draw

        policy = self._policies.current
        return draw(signed, policy, row.credential, ZoneInfo(policy.time_zone), self.fonts)

    def revocations(self, base: str) -> str:
        """Return the signed list of what is revoked."""
        with self._database.read() as session:
            places = session.scalars(
                select(CertificateRow.number).where(CertificateRow.revoked_at.is_not(None))
            ).all()
            last = session.scalar(select(func.max(CertificateRow.number))) or 0
        now = self._clock()
        return self.key.sign(base, status_list(base, places, last + 1, now), now)

    def _sign(self, session: Session, person: Person, base: str, actor: Person) -> CertificateRow:
        """Add a certificate. Raises: Refused, with what is missing."""
        average, lacking = self._lacking(session, person)
        if lacking:
            raise Refused(409, f"No certificate yet for {person.email}: {'; '.join(lacking)}.")
        now = self._clock()
        row = CertificateRow(id=str(uuid.uuid4()), person_id=person.id, name=person.name, average=average)
        row.issued_at, row.credential = now, ""
        session.add(row)
        session.flush()  # gives the number, which is signed too
        holder = Holder(row.id, row.number, person.name, person.email, average)
        row.credential = self.key.sign(base, credential(base, self._policies.current, holder, now), now)
        said: dict[str, Any] = {"id": row.id, "average": average, **self._unprintable(person)}
        record(session, now, actor, "certificate_issued", person_id=person.id, **said)
        session.flush()
        return row

    def _unprintable(self, person: Person) -> dict[str, str]:
        """Warn the instructor of a name that its document can't show, and return it for the record."""
        from grader.server.certificates.letters import unprintable  # what reads fonts takes memory

        why = unprintable(person.name, self.fonts)
        if not why:
            return {}
        said = "certificate of person %d: the document can't show the name. The roster's page says what to do"
        LOG.warning(said, person.id)
        return {"name_not_shown": why}

    def _lacking(self, session: Session, person: Person) -> tuple[float, list[str]]:
        average = self._standings.of(session, person.id).average
        accepted = self._accepted(session, person.id)
        return average, missing(average, accepted, self._policies.current.certificate)

    def _signed(self, row: CertificateRow) -> Certificate | None:
        """Return what was signed; None when the row and the key do not belong together any more."""
        try:
            # a clock that was set back must not make a certificate one of the future
            now = max(self._clock(), row.issued_at)
            return verify(row.credential, {self.key.thumbprint: self.key.public}, now)
        except CredentialError:
            return None


def _newest(session: Session, person_id: int) -> CertificateRow | None:
    mine = select(CertificateRow).where(CertificateRow.person_id == person_id)
    return session.scalars(mine.order_by(CertificateRow.number.desc()).limit(1)).one_or_none()


def _person(session: Session, email: str) -> Person:
    """Return somebody as the reports ask for them; they may do nothing here."""
    row = session.scalar(select(PersonRow).where(PersonRow.email == email).with_for_update())
    if row is None:
        raise Refused(404, f"Nobody here has the address {email}. `grader gradebook` lists the students.")
    return Person(row.id, row.name, row.email, row.role, "", frozenset())


def _issued(row: CertificateRow, base: str) -> Issued:
    return Issued(
        id=row.id,
        url=base + PAGES + row.id,
        name=row.name,
        average=row.average,
        issued_at=row.issued_at,
        credential=row.credential,
        revoked_at=row.revoked_at,
        reason=row.reason,
    )
