"""A question's solution as it travels: the reference's bodies, and what they use that stubs lack."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

_Name = Annotated[str, StringConstraints(max_length=300)]
_Text = Annotated[str, StringConstraints(max_length=200_000)]


class SolvedFunction(BaseModel):
    name: _Name = Field(description="Within the file: Python's qualified name, or C++'s with `::`.")
    position: int = Field(default=0, ge=0, description="Which of several definitions of that name.")
    text: _Text = Field(description="The whole definition, as it stands in the reference.")


class Needed(BaseModel):
    """A helper or an import that only solutions use."""

    name: _Name
    text: _Text
    owner: _Name = Field(default="", description="The class of which it is a member.")
    before: _Name = Field(default="", description="The function that follows it, where the order matters.")


class SolvedFile(BaseModel):
    functions: Annotated[list[SolvedFunction], Field(max_length=1000)]
    helpers: Annotated[list[Needed], Field(max_length=1000)] = []
    imports: Annotated[list[Needed], Field(max_length=1000)] = []


class Solution(BaseModel):
    files: Annotated[dict[str, SolvedFile], Field(description="By path in the workspace.")]
