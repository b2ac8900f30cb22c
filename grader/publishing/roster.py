"""Bring a list of people into the course: a CSV file read, what it would change shown, new keys written."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.client import Client
from grader.errors import CourseError, GraderError, Rejected, Unreachable
from grader.server.messages.people import RosterPerson

_COLUMNS = ("name", "email", "section", "role")
_EXPECTED = {
    "name": "1 to 200 characters on one line",
    "email": "an address such as ann@example.org",
    "section": "at most 60 characters on one line",
    "role": "student, assistant or instructor, or nothing",
}
_MARKS = {"added": "+", "changed": "~", "returned": "+", "left": "-"}
_MOST_MISTAKES = 20  # that are shown


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
    if any(one["created"] for one in planned):
        _enrol(client, content, _required(keys))
    else:
        client.post("/roster", content)


def read_roster(path: Path) -> list[RosterPerson]:
    """Return the people of a CSV file. Raises: CourseError with every mistake and its line."""
    rows = list(_rows(path))
    mistakes, people = list[str](), list[tuple[int, RosterPerson]]()
    for line, cells in rows:
        try:
            people.append((line, RosterPerson.model_validate(cells)))
        except ValidationError as error:
            mistakes += [_mistake(line, str(one["loc"][0]), cells) for one in error.errors()]
    mistakes += _doubled(people)
    if mistakes:
        shown = [*mistakes[:_MOST_MISTAKES], *(["..."] if len(mistakes) > _MOST_MISTAKES else [])]
        raise CourseError("\n".join([f"{path}: nothing was changed. Correct these lines first:", *shown]))
    if not people:
        raise CourseError(f"{path}: found nobody. Expected a line a person below the line of column names.")
    return [person for _, person in people]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield the cells of each line by column, and the line's number."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            names = _header(path, next(reader, []))
            for cells in reader:
                if not any(map(str.strip, cells)):
                    continue
                if len(cells) != len(names):
                    said = f"{path}:{reader.line_num}: found {len(cells)} cells. Expected {len(names)}"
                    raise CourseError(f"{said}: {', '.join(names)}. A comma inside a cell needs quotes.")
                found: dict[str, str | None] = dict(zip(names, cells, strict=True))
                role = (found.get("role") or "").strip().lower()
                yield reader.line_num, found | {"role": role or None}
    except UnicodeDecodeError:
        raise CourseError(f"{path}: this is not UTF-8. Save the table as CSV in UTF-8.") from None
    except csv.Error as error:
        raise CourseError(f"{path}:{reader.line_num}: {error}. Expected CSV with commas.") from None


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace("e-mail", "email") for cell in cells]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice or not {"name", "email"} <= set(names) <= set(_COLUMNS):
        raise CourseError(
            f"{path}:1: found the columns {', '.join(names) or 'of an empty file'}. "
            "Expected name and email, and if you like section and role, with commas between. "
            "Rename or remove the others."
        )
    return names


def _mistake(line: int, field: str, cells: dict[str, str | None]) -> str:
    return f"  line {line}: {field} is {cells.get(field) or ''!r}. Expected {_EXPECTED[field]}."


def _doubled(people: list[tuple[int, RosterPerson]]) -> list[str]:
    first: dict[str, int] = {}
    found = []
    for line, person in people:
        if first.setdefault(person.email, line) != line:
            found.append(f"  line {line}: {person.email} stands in line {first[person.email]} already.")
    return found


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


def _enrol(client: Client, content: dict[str, Any], keys: Path) -> None:
    """Carry it out; the file for the keys is made first, since they can't be shown again."""
    try:
        file = os.fdopen(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="")
    except FileExistsError:
        raise GraderError(
            f"{keys}: it is there already, perhaps with keys. Nothing was changed. Name another file."
        ) from None
    with file:
        try:
            done = client.post("/roster", content)["people"]
        except Rejected:
            keys.unlink()
            raise
        except Unreachable as error:
            keys.unlink()
            said = f"{error} The list may or may not be in the course; `--dry-run` tells."
            raise Unreachable(f"{said} `grader roster key EMAIL` gives those who are in it a key.") from None
        table = csv.writer(file)
        table.writerow(["name", "email", "key"])
        table.writerows([one["name"], one["email"], one["key"]] for one in done if one["key"])
    print(f"The new people's keys are in {keys}, which only you can read. They are nowhere else.")
