"""What a person is shown of the course and of their own place in it."""

from datetime import datetime

from pydantic import BaseModel

from grader.server.messages.fields import CourseName, Role


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
