"""What several bodies share: names, addresses, and how a refusal reads."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def printable(text: str) -> str:
    """Return the text. Raises: ValueError for what would leave its line."""
    if not text.isprintable():
        raise ValueError("expected printable characters")
    return text


def _lower(text: object) -> object:
    return text.strip().lower() if isinstance(text, str) else text


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(printable)
]


Email = Annotated[
    str,
    BeforeValidator(_lower),
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254),
    AfterValidator(printable),
]


Role = Literal["student", "assistant", "instructor"]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    error: str = Field(description="What happened, what was expected, and what to do.")


class CourseName(BaseModel):
    id: str
    title: str
