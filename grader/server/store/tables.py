"""What the database holds. A change here needs a migration beside it; a test compares the two."""

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no offset, so it is dropped on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=timezone.utc) if value else None


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON, str: Text}  # noqa: RUF012


class PersonRow(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]


class KeyRow(Base):
    """A key's digest; the key itself is nowhere."""

    __tablename__ = "keys"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class VersionRow(Base):
    """One publication of an assignment; old ones are kept, since attempts belong to them."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("assignment", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    cases_digest: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]]
    reference: Mapped[dict[str, Any]]
    release: Mapped[str] = mapped_column(String(64))  # the archive's name among the files
    published_at: Mapped[datetime]


class CaseRow(Base):
    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("version_id", "question", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    question: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    rules: Mapped[dict[str, Any]]


class ExpectedRow(Base):
    """The reference's value of a case on one seed, as a blob of the wire."""

    __tablename__ = "expected"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int]  # of the blob, in bytes
    blob: Mapped[bytes]


class AttemptRow(Base):
    __tablename__ = "attempts"
    number: Mapped[int] = mapped_column(primary_key=True)  # in the order of the draws
    id: Mapped[str] = mapped_column(String(36), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    assignment: Mapped[str] = mapped_column(String(60))
    questions: Mapped[list[str]]
    limit_bytes: Mapped[int] = mapped_column(BigInteger)
    drawn_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # by a newer draw
    free: Mapped[bool]  # nothing of it could be judged, so it costs no draw
    answered_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    body: Mapped[str | None] = mapped_column(String(64))  # its name among the files, which is its digest
    response: Mapped[str | None]


_OPEN = text("answered_at IS NULL AND closed_at IS NULL")
Index("ix_attempts_person_id_drawn_at", AttemptRow.person_id, AttemptRow.drawn_at)
Index(
    "uq_attempts_open",  # one open attempt a person and assignment
    AttemptRow.person_id,
    AttemptRow.assignment,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)


class DrawRow(Base):
    """A seed given to a person. The name outlives versions, so that a new one can't repeat a seed either."""

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("person_id", "case_name", "seed"),)
    attempt_number: Mapped[int] = mapped_column(ForeignKey("attempts.number"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    case_name: Mapped[str] = mapped_column(String(330))  # assignment/question/case
    seed: Mapped[int] = mapped_column(BigInteger)


class ResultRow(Base):
    """What an attempt earned for one question. Rows are only ever added."""

    __tablename__ = "results"
    attempt_number: Mapped[int] = mapped_column(ForeignKey("attempts.number"), primary_key=True)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    passed: Mapped[int]
    total: Mapped[int]


class AlertRow(Base):
    """Something that only an instructor can put right."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str]
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
