"""Certificates that were issued."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.server.store.tables.base import Base


class CertificateRow(Base):
    __tablename__ = "certificates"
    number: Mapped[int] = mapped_column(primary_key=True)  # its place in the status list
    id: Mapped[str] = mapped_column(String(36), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str]  # the person's when it was issued
    average: Mapped[float] = mapped_column(Float)
    issued_at: Mapped[datetime]
    credential: Mapped[str]  # the signed JWT
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None]  # of the revocation
