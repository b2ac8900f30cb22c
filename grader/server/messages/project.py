"""The final project: groups, what they hand in, and what reviewers make of it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from grader.server.messages.fields import Email, Name, Request

Kind = Literal["proposal", "project"]
GroupName = Annotated[Name, StringConstraints(max_length=60)]
Words = Annotated[str, StringConstraints(max_length=10_000)]


class GroupRequest(Request):
    name: GroupName


class JoinRequest(Request):
    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class CheckedTest(Request):
    """One test of a check."""

    check: Annotated[str, StringConstraints(max_length=60)]
    name: Annotated[str, StringConstraints(max_length=200)]
    passed: bool
    message: Annotated[str, StringConstraints(max_length=4000)] = ""


class Checks(Request):
    """What came of the checks, and on what machine."""

    tests: list[CheckedTest] = Field(max_length=200)
    python: Annotated[str, StringConstraints(max_length=40)] = ""
    platform: Annotated[str, StringConstraints(max_length=80)] = ""

    @property
    def passed(self) -> bool:
        return bool(self.tests) and all(test.passed for test in self.tests)


class ReviewRequest(Request):
    points: dict[str, float] = Field(description="By the rubric's criteria, each of them.")
    comments: dict[str, Words] = Field(
        default={}, description='By the rubric\'s criteria, and "" for the whole.'
    )
    accepted: bool


class Review(BaseModel):
    reviewer: str
    at: datetime
    points: dict[str, float]
    comments: dict[str, str]
    total: float
    accepted: bool


class HandIn(BaseModel):
    id: int
    kind: Kind
    group: str
    members: list[str]
    track: str
    by: str
    at: datetime
    size: int
    file: str = Field(description="The SHA-256 of what was sent.")
    checks: Checks
    repeated: Checks | None = Field(description="What the checks found on the instructor's machine.")
    repeated_at: datetime | None
    review: Review | None = Field(description="The newest one.")

    @property
    def state(self) -> str:
        """Return what a person is told of it."""
        if self.kind == "proposal" and self.review:
            return "go ahead" if self.review.accepted else "to be revised"
        if self.review is None:
            return "waiting for a review"
        return "accepted" if self.review.accepted else "not accepted"


class ListedTrack(BaseModel):
    id: str
    title: str


class RubricLine(BaseModel):
    id: str
    title: str
    points: float
    levels: list[str]


class Rubric(BaseModel):
    criteria: list[RubricLine]
    accept_at: float


class ReviewedHandIn(BaseModel):
    """Everything that a reviewer's page shows of a hand-in."""

    hand_in: HandIn
    rubric: Rubric
    reviews: list[Review] = Field(description="All of them, newest first.")
    others: list[HandIn] = Field(description="What else the group handed in, newest first.")


class Group(BaseModel):
    name: str
    code: str = Field(description="With which others join it.")
    members: list[str]


class MoveRequest(Request):
    email: Email
    group: GroupName
    new: bool = Field(default=False, description="Make the group, of a name that none has.")


class LeftGroup(BaseModel):
    name: str


class MyProject(BaseModel):
    """The project as a person sees it."""

    title: str
    digest: str = Field(description="Of the definition and the checks.")
    tracks: list[ListedTrack]
    rubric: Rubric
    group_size: int
    release: datetime | None
    proposal_due: datetime | None = Field(description="Your group's, as the next one.")
    due: datetime | None
    group: Group | None
    hand_ins: list[HandIn] = Field(description="The group's, newest first.")
    accepted: bool


class PublishedProject(BaseModel):
    number: int
    digest: str
    text: str


class HandedIn(BaseModel):
    hand_in: HandIn
    created: bool = Field(description="Whether this had not been handed in before.")
