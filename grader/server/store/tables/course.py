"""The course as it was published: versions, cases and what is expected of them, and the policy."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


class PolicyRow(Base):
    """What course.yaml said when it was applied; the newest is in force."""

    __tablename__ = "policies"
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    applied_at: Mapped[datetime]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: a server's first start


class ExtensionRow(Base):
    """A person's own due date for an assignment."""

    __tablename__ = "extensions"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    assignment: Mapped[str] = mapped_column(String(60), primary_key=True)
    due: Mapped[datetime]
    reason: Mapped[str]
    granted_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    granted_at: Mapped[datetime]


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
    protocol: Mapped[str] = mapped_column(String(20), server_default="native")  # or "mugrade"
    edition: Mapped[int] = mapped_column(server_default="1", onupdate=text("edition + 1"))  # of its content
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


class SolutionRow(Base):
    """The reference's bodies of a question, for those who catch up after everybody's cut-off."""

    __tablename__ = "solutions"
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    content: Mapped[dict[str, Any]]


class CatchUpRow(Base):
    """A person was given a question's solution: it takes no more attempts from them."""

    __tablename__ = "catch_ups"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    assignment: Mapped[str] = mapped_column(String(60), primary_key=True)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime]
