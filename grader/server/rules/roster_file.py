"""A list of people as a CSV file: every mistake is named with its line. Pure functions."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from grader.errors import CourseError
from grader.server.messages.people import RosterPerson

_COLUMNS = ("name", "email", "section", "role")
_EXPECTED = {
    "name": "1 to 200 characters on one line",
    "email": "an address such as ann@example.org",
    "section": "at most 60 characters on one line",
    "role": "student, assistant or instructor, or nothing",
}
_MOST_MISTAKES = 20  # that are shown


def read_table(data: bytes, path: str) -> list[RosterPerson]:
    """Return the people of a CSV file, whose path or name is given for what is said of it.

    Raises: CourseError with every mistake and its line.
    """
    rows = list(_rows(data, path))
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


def _rows(data: bytes, path: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield the cells of each line by column, and the line's number."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
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


def _header(path: str, cells: Sequence[str]) -> list[str]:
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
