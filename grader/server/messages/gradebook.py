"""What instructors read: scores and alerts."""

from datetime import datetime

from pydantic import BaseModel, Field


class GradedAssignment(BaseModel):
    id: str
    title: str
    weight: float
    version: int
    protocol: str = Field(description="`native` or `mugrade`.")
    due: datetime | None
    cut_off: datetime | None


class GradedPerson(BaseModel):
    name: str
    email: str
    section: str
    scores: dict[str, float] = Field(description="By assignment; only those with an attempt that was scored.")
    average: float = Field(description="What the certificate asks for: weighted, without what is dropped.")
    reached: bool = Field(description="Whether the average reaches the certificate's threshold.")
    days_late: dict[str, int] = Field(description="By assignment: the most of any attempt that counts.")
    slip_days: dict[str, int] = Field(description="Spent, by assignment.")
    slip_days_left: int
    dropped: list[str] = Field(description="Assignments that the average leaves out.")
    extensions: dict[str, datetime] = Field(description="Due dates of this person's own, by assignment.")


class Gradebook(BaseModel):
    assignments: list[GradedAssignment]
    threshold: float
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
