"""What a person is shown of the course and of their own place in it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from grader.server.messages.fields import CourseName, Role

QuestionState = Literal["not_started", "begun", "solved", "caught_up"]


class MyQuestion(BaseModel):
    id: str
    title: str
    group: str
    points: float
    earned: float = Field(description="After what lateness takes.")
    passed: int = Field(description="Cases, of the attempt that counts.")
    total: int = Field(description="Cases of that attempt; 0 without one.")
    days_late: int = Field(description="Of the attempt that counts.")
    state: QuestionState = Field(description="`caught_up`: it takes no more attempts from this person.")


class MyAssignment(BaseModel):
    id: str
    title: str
    weight: float
    version: int
    protocol: str = Field(description="`native` or `mugrade`.")
    score: float = Field(description="Out of 100, after what lateness takes.")
    attempts: int = Field(description="Attempts that were scored.")
    release: datetime | None
    due: datetime | None = Field(description="This person's own, where they have an extension.")
    cut_off: datetime | None = Field(description="After it nothing is taken.")
    extended: bool
    phase: Literal["open", "late", "over"]
    seconds_left: int | None = Field(
        description="Until the due date or, when late, the cut-off. None: no date, or over."
    )
    days_late: int = Field(description="The most of any attempt that counts.")
    slip_days: int = Field(description="Spent here.")
    dropped: bool = Field(description="Whether the average leaves it out.")
    catch_up: bool = Field(description="Whether solutions are given out now.")
    questions: list[MyQuestion]


class Me(BaseModel):
    name: str
    email: str
    role: Role
    section: str
    course: CourseName
    assignments: list[MyAssignment]
    average: float = Field(description="Over the whole course, out of 100.")
    threshold: float = Field(description="What the certificate asks for, as a fraction of the average's 100.")
    reached: bool = Field(description="Whether the average reaches the threshold.")
    slip_days: int = Field(description="For the whole course.")
    slip_days_left: int
    project_required: bool
    project: str | None = Field(default=None, description="How far the final project is.")


class AttemptedQuestion(BaseModel):
    id: str
    title: str
    points: float
    passed: int
    total: int
    earned: float = Field(description="Points, after what lateness takes.")
    counts: bool = Field(description="Whether it is what the score takes for this question.")


class PastAttempt(BaseModel):
    id: str
    assignment: str
    version: int
    drawn_at: datetime
    answered_at: datetime | None
    state: Literal["open", "scored", "not_judged", "closed", "expired"]
    days_late: int
    drawn: list[str] = Field(description="The questions drawn.")
    questions: list[AttemptedQuestion] = Field(
        description="What it earned; one that was not judged is not here."
    )


class History(BaseModel):
    name: str
    email: str
    attempts: list[PastAttempt] = Field(description="Newest first.")


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
