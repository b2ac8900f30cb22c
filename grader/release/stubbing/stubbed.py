"""What taking the solution out of one file gives."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A name, and the line of the reference where it stands."""

    name: str
    line: int


@dataclass(frozen=True)
class Taken:
    """Text of the reference that a release must not hold."""

    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Stubbed:
    """A file with stubs, and what was found on the way."""

    text: str
    taken: list[Taken] = field(default_factory=list)
    missing: list[str] = field(
        default_factory=list
    )  # symbols and omitted names that the file does not define
    still_used: list[Place] = field(default_factory=list)  # omitted names, where what remains needs them
    unread: list[Place] = field(default_factory=list)  # symbols whose definition could not be parsed
