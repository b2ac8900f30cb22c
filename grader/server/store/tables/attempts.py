"""Attempts: what was drawn, answered and earned."""

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


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


class SpeedRow(Base):
    """A figure of speed that somebody measured; it earns no points."""

    __tablename__ = "speeds"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    assignment: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(20))
    machine: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
