"""What the server says of a publication."""

from pydantic import BaseModel, Field


class Collision(BaseModel):
    people: int
    pool: int = Field(description="Seeds of the case that has the fewest.")
    any_two: float = Field(
        description="The chance that some two of the people get one seed of it in their first draw."
    )
    given_two: float = Field(description="The same chance for two given people.")


class Published(BaseModel):
    assignment: str
    version: int
    created: bool = Field(description="Whether this is a new version.")
    text: str
    seeds: dict[str, dict[str, int]] = Field(description="How many there are now, by question and case.")
    collision: Collision
