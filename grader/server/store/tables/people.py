"""People, how they show who they are, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


class PersonRow(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    section: Mapped[str] = mapped_column(String(60), server_default="")
    pseudonym: Mapped[str | None] = mapped_column(String(40), unique=True)  # None: not on the leaderboard
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # no longer in the course: keys stop working, scores stay


class KeyRow(Base):
    """A key's digest; the key itself is nowhere."""

    __tablename__ = "keys"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    label: Mapped[str] = mapped_column(String(60), server_default="")
    scopes: Mapped[list[str] | None]  # None: whatever the person's role may
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LinkRow(Base):
    """A one-time link to sign in with, made from a key."""

    __tablename__ = "links"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key_digest: Mapped[str] = mapped_column(ForeignKey("keys.digest"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    """Someone signed in to the pages; it ends with the key that it came from."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key_digest: Mapped[str] = mapped_column(ForeignKey("keys.digest"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class InviteRow(Base):
    """A code with which people put themselves on the roster, as often as the cap says."""

    __tablename__ = "invites"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    section: Mapped[str] = mapped_column(String(60), server_default="")
    cap: Mapped[int]
    used: Mapped[int]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class AuditRow(Base):
    """Something that changed a grade, or who may. Rows are only ever added."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: the server itself
    action: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    assignment: Mapped[str | None] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
