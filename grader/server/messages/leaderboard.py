"""Figures of speed, under names that people chose for themselves."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from grader.server.messages.fields import Request, printable

Pseudonym = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40), AfterValidator(printable)
]
_Short = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(printable)
]


class PseudonymRequest(Request):
    pseudonym: Pseudonym | None = Field(description="None: no longer on the leaderboard.")


class SpeedFigure(Request):
    name: _Short
    value: float = Field(gt=0, lt=1e12, allow_inf_nan=False, description="Higher is better.")
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), AfterValidator(printable)]


class SpeedRequest(Request):
    assignment: str = Field(max_length=60)
    machine: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(printable)
    ]
    figures: list[SpeedFigure] = Field(min_length=1, max_length=50)


class Place(BaseModel):
    pseudonym: str | None = Field(description="None: nobody sees these figures but their owner.")


class Ranked(BaseModel):
    rank: int
    pseudonym: str
    value: float
    machine: str
    at: datetime
    mine: bool


class Ranking(BaseModel):
    assignment: str
    name: str
    unit: str
    places: list[Ranked]
