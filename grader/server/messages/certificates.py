"""Certificates: what somebody has or lacks, and what the public page shows."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from grader.server.messages.fields import Email, Name, Request


class Issued(BaseModel):
    id: str
    url: str = Field(description="The public page that checks it.")
    name: str
    average: float
    issued_at: datetime
    credential: str = Field(description="An Open Badges 3.0 credential as a JWT signed with Ed25519.")
    revoked_at: datetime | None
    reason: str | None = Field(description="Of the revocation.")


class CertificateStanding(BaseModel):
    average: float
    asked: float = Field(description="The average that the certificate asks for, out of 100.")
    missing: list[str] = Field(description="What is lacking; empty when it is earned.")
    certificate: Issued | None


class Checked(BaseModel):
    """What anybody may know of a certificate."""

    status: Literal["valid", "revoked", "unknown"]
    name: str | None = None
    course: str | None = None
    average: float | None = None
    issuer: str | None = None
    issued_at: datetime | None = None
    self_issued: bool | None = None
    revoked_at: datetime | None = None
    reason: str | None = None
    credential: str | None = None


class RevokeCertificate(Request):
    email: Email
    reason: Name


class ReissueCertificate(Request):
    email: Email
