"""What the mugrade protocol answers, and what it has no word for."""

from pydantic import BaseModel, Field

from grader.server.messages.fields import Name, Request


class ShorterProblem(Request):
    assignment: Name
    problem: Name
    test_cases: int = Field(ge=1, description="How many it has from now on, the first ones.")


class Submitted(BaseModel):
    submission_id: str


class Judged(BaseModel):
    correct: bool


class PublishedProblem(BaseModel):
    assignment: str
    problem: str
    test_cases: int
