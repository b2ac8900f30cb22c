"""The bodies of requests and replies, as OpenAPI describes them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Role = Literal["student", "instructor"]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected printable characters")
    return text


def _lower(text: object) -> object:
    return text.strip().lower() if isinstance(text, str) else text


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
Email = Annotated[
    str,
    BeforeValidator(_lower),
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254),
    AfterValidator(_printable),
]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    error: str = Field(description="What happened, what was expected, and what to do.")


class AttemptRequest(Request):
    assignment: str
    questions: list[str] = Field(description="Ids of questions; empty for all of them.", max_length=1000)
    cases_digest: str


class AttemptReply(BaseModel):
    id: str
    assignment: str
    version: int
    seeds: dict[str, dict[str, int]] = Field(description="By question and case.")
    expires_at: datetime
    limit_bytes: int


class CaseVerdict(BaseModel):
    question: str
    case: str
    verdict: str
    detail: str
    devices: list[str] = Field(default=[], description="What the case says that it was computed on.")


class QuestionScore(BaseModel):
    id: str
    title: str
    group: str
    points: float
    passed: int
    total: int
    earned: float
    best_earned: float


class CourseName(BaseModel):
    id: str
    title: str


class ScoreReply(BaseModel):
    attempt: str
    assignment: str
    version: int
    verdicts: list[CaseVerdict]
    questions: list[QuestionScore]
    score: float = Field(description="Of the assignment, out of 100.")
    average: float = Field(description="Over the whole course, out of 100.")
    threshold: float = Field(description="What the certificate asks for, as a fraction of the average's 100.")
    course: CourseName


class MyQuestion(BaseModel):
    id: str
    title: str
    points: float
    earned: float


class MyAssignment(BaseModel):
    id: str
    title: str
    weight: float
    score: float
    attempts: int
    questions: list[MyQuestion]


class Me(BaseModel):
    name: str
    email: str
    role: Role
    course: CourseName
    assignments: list[MyAssignment]
    average: float
    threshold: float


class ListedQuestion(BaseModel):
    id: str
    title: str
    group: str
    points: float


class ListedAssignment(BaseModel):
    id: str
    title: str
    version: int
    cases_digest: str
    due: datetime | None
    release: datetime | None
    questions: list[ListedQuestion]


class Collision(BaseModel):
    people: int
    pool: int = Field(description="Seeds of the case that has the fewest.")
    any_two: float = Field(
        description="The chance that some two of the people get one seed of it in their first draw."
    )
    given_two: float = Field(description="The same chance for two given people.")


class Published(BaseModel):
    assignment: str
    version: int
    created: bool = Field(description="Whether this is a new version.")
    text: str
    seeds: dict[str, dict[str, int]] = Field(description="How many there are now, by question and case.")
    collision: Collision


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


class GradedAssignment(BaseModel):
    id: str
    title: str
    weight: float


class GradedPerson(BaseModel):
    name: str
    email: str
    scores: dict[str, float]
    average: float


class Gradebook(BaseModel):
    assignments: list[GradedAssignment]
    people: list[GradedPerson]


class Alert(BaseModel):
    assignment: str
    question: str
    case: str
    person: str
    text: str
    raised_at: datetime
    resolved_at: datetime | None


class Alerts(BaseModel):
    alerts: list[Alert]
