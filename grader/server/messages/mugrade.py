"""What the mugrade protocol answers."""

from pydantic import BaseModel


class Submitted(BaseModel):
    submission_id: str


class Judged(BaseModel):
    correct: bool


class PublishedProblem(BaseModel):
    assignment: str
    problem: str
    test_cases: int
