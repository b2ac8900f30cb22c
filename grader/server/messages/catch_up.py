"""Solutions for those who go on without having solved a question."""

from pydantic import BaseModel, Field

from grader.course.solution import Solution
from grader.server.messages.fields import Request


class CatchUpQuestion(BaseModel):
    id: str
    title: str
    solved: bool
    taken: bool = Field(description="Whether this person was given its solution before.")


class CatchUpOffer(BaseModel):
    assignment: str
    version: int
    questions: list[CatchUpQuestion]


class CatchUpRequest(Request):
    questions: list[str] = Field(
        default=[], max_length=1000, description="Ids; empty for all that are not solved."
    )


class CatchUpReply(BaseModel):
    assignment: str
    version: int
    solutions: dict[str, Solution] = Field(description="By question.")
