"""Bring a list of people into the course: a CSV file read, what it would change shown, new keys written."""

import csv
import os
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from grader.client import Client, is_refusal
from grader.errors import GraderError, Rejected, Unreachable
from grader.server.messages.people import RosterPerson
from grader.server.rules.roster_file import read_table

_MARKS = {"added": "+", "changed": "~", "returned": "+", "left": "-"}


def import_roster(client: Client, path: Path, remove_others: bool, dry_run: bool, keys: Path | None) -> None:
    """Show what a file of people changes and, unless it is a dry run, change it.

    Raises: GraderError for mistakes in the file, before anything is changed.
    """
    people = [person.model_dump() for person in read_roster(path)]
    content = {"people": people, "remove_others": remove_others}
    planned = client.post("/roster?dry_run=true", content)["people"]
    print("\n".join([*map(_described, _moving(planned)), _summed(planned)]))
    if dry_run:
        print("This was a dry run: nothing was changed.")
        return
    new = [one["email"] for one in planned if one["created"]]
    if new:
        _enrol(client, content, new, _required(keys))
    else:
        client.post("/roster", content)


def read_roster(path: Path) -> list[RosterPerson]:
    """Return the people of a CSV file. Raises: CourseError with every mistake and its line."""
    return read_table(path.read_bytes(), str(path))


def _moving(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in people if one["standing"] != "unchanged"]


def _described(one: dict[str, Any]) -> str:
    """Return a line of what becomes of one person."""
    changes = "; ".join(
        f"{change['field']} {change['was']!r} -> {change['now']!r}" for change in one["changes"]
    )
    place = ", ".join(filter(None, [one["role"], one["section"]]))
    detail = changes if one["changes"] else place
    return f"{_MARKS[one['standing']]} {one['standing']:9} {one['name']} <{one['email']}>: {detail}"


def _summed(people: list[dict[str, Any]]) -> str:
    counts = Counter(one["standing"] for one in people)
    names = ("added", "changed", "returned", "left", "unchanged")
    return ", ".join(f"{counts[name]} {name}" for name in names if counts[name]) + "."


def _required(keys: Path | None) -> Path:
    if keys is None:
        said = "New people get keys, which are shown once. Expected a file for them; nothing was changed"
        raise GraderError(f"{said}. Give it: --keys keys.csv")
    return keys


def _enrol(client: Client, content: dict[str, Any], new: Collection[str], keys: Path) -> None:
    """Carry it out; the file for the keys is made first, since they can't be shown again."""
    try:
        file = os.fdopen(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="")
    except FileExistsError:
        raise GraderError(
            f"{keys}: it is there already, perhaps with keys. Nothing was changed. Name another file."
        ) from None
    with file:
        try:
            done = client.post_once("/roster", content)["people"]
        except (Rejected, Unreachable) as error:
            keys.unlink()
            if is_refusal(error):
                raise
            raise GraderError(f"{error}\n{_outcome(client, content, new)}") from None
        table = csv.writer(file)
        table.writerow(["name", "email", "key"])
        table.writerows([one["name"], one["email"], one["key"]] for one in done if one["key"])
    print(f"The new people's keys are in {keys}, which only you can read. They are nowhere else.")
    without = [one["email"] for one in done if one["email"] in new and not one["key"]]
    if without:
        print(_keyless(without, "Somebody else added these people just before you, and has their keys"))


def _outcome(client: Client, content: dict[str, Any], new: Collection[str]) -> str:
    """Return what became of a list whose reply, with the keys, did not arrive."""
    try:
        now = client.post("/roster?dry_run=true", content)["people"]
    except (Rejected, Unreachable):
        said = "The list may or may not be in the course; `--dry-run` tells, once the server answers"
        return f"{said}. `grader roster key EMAIL` gives those who are in it a key."
    added = [one["email"] for one in now if one["email"] in new and not one["created"]]
    if not added:
        return "Nobody was added. Run the same command again."
    return _keyless(added, "The list is in the course, but these people's keys did not arrive")


def _keyless(emails: Collection[str], said: str) -> str:
    commands = (f"  grader roster key {email}" for email in emails)
    return "\n".join([f"{said}. To give each a new one:", *commands])
