"""What a roster would change: who is added, who is another than before, who has left. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """Someone's place in the course."""

    name: str
    email: str
    section: str
    role: str
    left: bool = False


@dataclass(frozen=True)
class Move:
    """What becomes of one person; `before` is None for someone new."""

    before: Place | None
    after: Place

    @property
    def standing(self) -> str:
        if self.before is None:
            return "added"
        if self.before.left != self.after.left:
            return "left" if self.after.left else "returned"
        return "unchanged" if self.before == self.after else "changed"

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Return the fields that are others than before: name, was, now."""
        if self.before is None:
            return []
        pairs = [
            (name, getattr(self.before, name), getattr(self.after, name))
            for name in ("name", "section", "role")
        ]
        return [(name, was, now) for name, was, now in pairs if was != now]


def moves(there: Mapping[str, Place], wanted: Iterable[Place], remove_others: bool) -> list[Move]:
    """Return what becomes of everybody named, and then of the students who have left.

    Only students leave by not being named: a list from elsewhere seldom names an instructor.
    """
    named = [Move(there.get(place.email), place) for place in wanted]
    emails = {move.after.email for move in named}
    gone = [
        place
        for email, place in there.items()
        if remove_others and email not in emails and place.role == "student" and not place.left
    ]
    return named + [Move(place, replace(place, left=True)) for place in gone]
