"""What each role may do, and what of it a key was made for. Pure functions."""

from collections.abc import Iterable
from typing import Literal, get_args

Permission = Literal["read", "submit", "read_all", "review", "manage"]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
_OF_ROLES: dict[str, frozenset[str]] = {
    "student": frozenset({"read", "submit"}),
    "assistant": frozenset({"read", "submit", "read_all", "review"}),
    "instructor": frozenset(PERMISSIONS),
}
WHAT: dict[Permission, str] = {
    "read": "see your own scores",
    "submit": "submit work",
    "read_all": "see everybody's scores",
    "review": "review projects",
    "manage": "publish, and change people, dates and grades",
}


def permissions(role: str, scopes: Iterable[str] | None) -> frozenset[str]:
    """Return what a person of a role may do with a key of these scopes; None: all that the role may."""
    allowed = _OF_ROLES.get(role, frozenset())
    return allowed if scopes is None else allowed & frozenset(scopes)


def who_may(permission: Permission) -> list[str]:
    """Return the roles that may do something."""
    return [role for role, allowed in _OF_ROLES.items() if permission in allowed]
