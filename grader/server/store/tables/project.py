"""The final project: groups, what they hand in, and how it was reviewed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


class ProjectRow(Base):
    """One publication of the project; the newest counts."""

    __tablename__ = "projects"
    number: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))  # of the definition and the checks
    release: Mapped[str] = mapped_column(String(64))  # the archive's name among the files
    published_at: Mapped[datetime]


class GroupRow(Base):
    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)  # with which others join it
    created_at: Mapped[datetime]


class MemberRow(Base):
    """A person is in one group at most."""

    __tablename__ = "members"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    joined_at: Mapped[datetime]


class HandInRow(Base):
    """A proposal or an archive that a group sent. Rows are only ever added."""

    __tablename__ = "hand_ins"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))  # "proposal" or "project"
    track: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    file: Mapped[str] = mapped_column(String(64))  # its name among the files, which is its digest
    size: Mapped[int]  # bytes
    checks: Mapped[dict[str, Any]]  # what they found on the students' machine
    repeated: Mapped[dict[str, Any] | None]  # what they found on the instructor's
    repeated_at: Mapped[datetime | None]


class ReviewRow(Base):
    """What a reviewer made of a hand-in; the newest counts. Rows are only ever added."""

    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    hand_in_id: Mapped[int] = mapped_column(ForeignKey("hand_ins.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    points: Mapped[dict[str, Any]]  # by the rubric's criteria
    comments: Mapped[dict[str, Any]]  # by the rubric's criteria, and "" for the whole
    accepted: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime]
