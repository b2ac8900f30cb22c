"""The roster and keys."""

from pydantic import BaseModel, Field

from grader.server.messages.fields import Email, Name, Request, Role


class RosterPerson(Request):
    name: Name
    email: Email
    role: Role = "student"


class RosterRequest(Request):
    people: list[RosterPerson] = Field(min_length=1, max_length=10_000)


class EnrolledPerson(BaseModel):
    email: str
    name: str
    role: Role
    key: str | None = Field(description="Shown this once, for a new person.")
    created: bool


class Roster(BaseModel):
    people: list[EnrolledPerson]


class EmailRequest(Request):
    email: Email


class Revoked(BaseModel):
    email: str
    revoked: int = Field(description="How many keys were.")


class FreshKey(BaseModel):
    email: str
    key: str = Field(description="Shown this once; older ones are revoked.")
