"""Drawing an attempt and answering it."""

from datetime import datetime

from pydantic import BaseModel, Field

from grader.server.messages.fields import CourseName, Request


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
    days_late: int = Field(default=0, description="Of what this attempt earns.")
    left_out: dict[str, str] = Field(default={}, description="By question: why it was not drawn.")


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
    earned: float = Field(description="Before what lateness takes.")
    best_earned: float = Field(description="What counts for this question now, after what lateness takes.")


class ScoreReply(BaseModel):
    attempt: str
    assignment: str
    version: int
    verdicts: list[CaseVerdict]
    questions: list[QuestionScore]
    score: float = Field(description="Of the assignment, out of 100.")
    average: float = Field(description="Over the whole course, out of 100.")
    days_late: int = Field(default=0, description="Of this attempt.")
    slip_days: int = Field(default=0, description="Spent on this assignment.")
    slip_days_left: int = 0
    threshold: float = Field(description="What the certificate asks for, as a fraction of the average's 100.")
    course: CourseName
