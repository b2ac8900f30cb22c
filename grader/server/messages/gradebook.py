"""What instructors read: scores and alerts."""

from datetime import datetime

from pydantic import BaseModel


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
