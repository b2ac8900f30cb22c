"""The policy in force, what changes with another one, and people's own due dates."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from grader.course.assignment import Identifier
from grader.server.messages.fields import Email, Request


class PolicyInForce(BaseModel):
    number: int
    applied_at: datetime
    applied_by: str | None = Field(description="An address; None: the server took it at its first start.")
    content: dict[str, Any] = Field(description="What course.yaml says.")


class RegradeRequest(Request):
    policy: dict[str, Any] = Field(description="What course.yaml says.")
    dry_run: bool = Field(default=False, description="Only say who would move, and change nothing.")


class PolicyChange(BaseModel):
    field: str = Field(description="Such as `late.penalty_per_day` or `assignments.hw1.due`.")
    before: Any
    after: Any


class MovedScore(BaseModel):
    assignment: str
    before: float
    after: float


class Moved(BaseModel):
    name: str
    email: str
    scores: list[MovedScore]
    average_before: float
    average_after: float


class Regraded(BaseModel):
    applied: bool
    changes: list[PolicyChange]
    moved: list[Moved]
    unmoved: int = Field(description="How many students keep every score.")


Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class ExtensionRequest(Request):
    email: Email
    assignment: Identifier
    until: datetime | None = Field(
        default=None, description="The person's own due date; without an offset, in the course's time zone."
    )
    days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        default=None, description="Or so many days after the course's due date."
    )
    reason: Reason = ""


class ExtensionRemoval(Request):
    email: Email
    assignment: Identifier


class Extension(BaseModel):
    email: str
    assignment: str
    due: datetime
    cut_off: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    text: str = Field(default="", description="What the instructor has to know of it.")


class Extensions(BaseModel):
    extensions: list[Extension]
