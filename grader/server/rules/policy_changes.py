"""How one policy differs from another. Pure functions."""

from collections.abc import Iterator
from typing import Any

from grader.course.policy import Policy


def changes(before: Policy, after: Policy) -> list[tuple[str, Any, Any]]:
    """Return the fields that differ, such as `late.slip_days` or `assignments.hw1.due`, with both values."""
    old, new = (dict(_fields("", policy.model_dump(mode="json"))) for policy in (before, after))
    names = dict.fromkeys((*old, *new))  # in their order
    found = [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
    was, now = ([entry.id for entry in policy.assignments] for policy in (before, after))
    if was != now and set(was) == set(now):
        found.append(("assignments", was, now))
    return found


def _fields(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _fields(f"{path}.{name}" if path else name, one)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for one in value:
            yield from _fields(f"{path}.{one['id']}", one)
    else:
        yield path, value
