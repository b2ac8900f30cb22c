"""The roster, keys, invitations, and the record of what was done with them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from grader.server.messages.fields import Email, Name, Request, Role, printable

Section = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(printable)]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(printable)
]
Scope = Literal["read", "submit", "read_all", "review", "manage"]
Standing = Literal["added", "changed", "unchanged", "returned", "left"]


class RosterPerson(Request):
    name: Name
    email: Email
    section: Section | None = Field(None, description="None leaves it as it is.")
    role: Role | None = Field(None, description="None leaves it as it is; a new person is a student.")


class RosterRequest(Request):
    people: list[RosterPerson] = Field(min_length=1, max_length=10_000)
    remove_others: bool = Field(False, description="Whether students who are not in `people` have left.")


class FieldChange(BaseModel):
    field: str
    was: str
    now: str


class EnrolledPerson(BaseModel):
    email: str
    name: str
    section: str
    role: Role
    standing: Standing
    changes: list[FieldChange] = Field(description="What of a person that was here is another now.")
    key: str | None = Field(description="Shown this once, for a new person.")
    created: bool


class Roster(BaseModel):
    dry_run: bool
    people: list[EnrolledPerson]


class RosterEntry(BaseModel):
    name: str
    email: str
    section: str
    role: Role
    keys: int = Field(description="How many they have that were not revoked.")
    created_at: datetime
    left_at: datetime | None


class EmailRequest(Request):
    email: Email


class Revoked(BaseModel):
    email: str
    revoked: int = Field(description="How many keys were.")


class FreshKey(BaseModel):
    email: str
    key: str = Field(description="Shown this once; older ones are revoked.")


class KeyRequest(Request):
    label: Label = Field(description="What the key is for, or where it is kept.")
    scopes: list[Scope] | None = Field(
        None, min_length=1, max_length=5, description="None: the same as of the key that asks."
    )


class OwnKey(BaseModel):
    id: str
    label: str
    scopes: list[str] | None = Field(description="None: whatever its person's role may.")
    created_at: datetime
    revoked_at: datetime | None
    current: bool = Field(description="Whether this request was made with it.")


class NewKey(BaseModel):
    id: str
    key: str = Field(description="Shown this once.")


class KeyId(Request):
    id: str = Field(max_length=64)


class Link(BaseModel):
    path: str = Field(description="Opened in a browser, it signs in to the pages, once.")
    lasts_seconds: int


class InviteRequest(Request):
    cap: int = Field(ge=1, le=10_000, description="How many people may join with it.")
    section: Section = ""


class Invite(BaseModel):
    id: int
    section: str
    cap: int
    used: int
    created_at: datetime
    closed_at: datetime | None


class NewInvite(Invite):
    code: str = Field(description="Shown this once.")


class InviteId(Request):
    id: int = Field(ge=1, lt=2**31)


class JoinRequest(Request):
    name: Name
    email: Email
    code: str = Field(max_length=100)


class AuditLine(BaseModel):
    id: int
    at: datetime
    actor: str | None = Field(description="An address; none where the server itself acted.")
    action: str
    person: str | None = Field(description="Whom it concerns.")
    assignment: str | None
    detail: dict[str, Any]


class AuditPage(BaseModel):
    lines: list[AuditLine] = Field(description="Newest first.")
    older: int | None = Field(description="What `before` gives the next page; none on the last one.")
