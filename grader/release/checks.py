"""Refuse what can't be released, with file and line, before anything is made."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from grader.course.assignment import Assignment, Symbol
from grader.course.policy import Course
from grader.course.yamlfile import Location, place
from grader.errors import ReleaseRefused

Problem = tuple[Location, str]  # where in assignment.yaml, and the sentence


def check_definition(course: Course, assignment: Assignment) -> None:
    """Check what assignment.yaml promises against the earlier assignments and the files there are.

    Raises: ReleaseRefused, with every mistake.
    """
    problems = [
        *_missing_files(course, assignment),
        *_released_before(course, assignment),
        *_symbols_named_twice(assignment),
        *_unread_requirements(assignment),
        *_unknown_datasets(course, assignment),
    ]
    if problems:
        lines = [f"{yaml_place(course, assignment, *where)}: {said}" for where, said in problems]
        raise ReleaseRefused("\n".join(lines))


def _missing_files(course: Course, assignment: Assignment) -> Iterator[Problem]:
    for field in ("adds", "glue"):
        for at, path in enumerate(getattr(assignment.definition, field)):
            if not course.source_of(path).is_file():
                yield (field, at), f"there is no {path}, neither under reference/ nor at the top. Write it."
    readme = assignment.folder / "README.md"
    if not readme.is_file():
        yield ("id",), f"there is no handout, {shown(course, readme)}. Write it."
    for number, question in enumerate(assignment.questions):
        for file in (assignment.test_file(question), assignment.case_file(question)):
            if not file.is_file():
                yield ("questions", number, "id"), f"there is no {shown(course, file)}. Write it."


def _unknown_datasets(course: Course, assignment: Assignment) -> Iterator[Problem]:
    registry = course.root / "datasets" / "registry.yaml"
    known = yaml.safe_load(registry.read_text(encoding="utf-8")) if registry.is_file() else {}
    for at, name in enumerate(assignment.definition.datasets):
        if name not in known:
            said = f"{name!r} is not in {shown(course, registry)}. Those there: {', '.join(known) or 'none'}."
            yield ("datasets", at), said


def _released_before(course: Course, assignment: Assignment) -> Iterator[Problem]:
    """A file with stubs is released once: later it is the student's."""
    given = {
        path: earlier.id for earlier in course.up_to(assignment.id)[:-1] for path in earlier.definition.adds
    }
    glued = {path: one.id for one in course.assignments for path in one.definition.glue}
    adds = assignment.definition.adds
    for at, path in enumerate(adds):
        if path in given:
            yield ("adds", at), f"{path} was released by {given[path]}. It is the student's: name a new file."
        if path in glued:
            yield ("adds", at), f"{path} is glue of {glued[path]}, which may be replaced. List it once."
        if path in adds[:at]:
            yield ("adds", at), f"{path} stands twice. List it once."
    for at, path in enumerate(assignment.definition.glue):
        if path in given:
            yield ("glue", at), f"{path} was released with stubs by {given[path]}. Expected glue without any."


def _symbols_named_twice(assignment: Assignment) -> Iterator[Problem]:
    seen: dict[Symbol, str] = {}
    for number, question in enumerate(assignment.questions):
        for at, symbol in enumerate(assignment.symbols(question)):
            owners = [owner for other, owner in seen.items() if _overlap(symbol, other)]
            if owners:
                where = ("questions", number, "implement", at)
                yield where, f"{symbol} is {owners[0]}'s already. Expected each symbol in one question."
            seen[symbol] = question.id


def _unread_requirements(assignment: Assignment) -> Iterator[Problem]:
    for at, text in enumerate(assignment.definition.requirements):
        try:
            Requirement(text)
        except InvalidRequirement:
            yield ("requirements", at), f"pip can't read {text!r}. Expected a package, such as numpy>=1.24."


def _overlap(one: Symbol, other: Symbol) -> bool:
    """Tell whether a symbol is the other, or a method of a class that is named as a whole."""
    if one.file != other.file:
        return False
    shorter, longer = sorted((one.name, other.name), key=len)
    return longer == shorter or longer.startswith((shorter + ".", shorter + "::"))


def yaml_place(course: Course, assignment: Assignment, *location: int | str) -> str:
    """Return `assignments/hw0/assignment.yaml:12: questions[0].implement[1]`."""
    return shown(course, place(assignment.yaml, *location))


def shown(course: Course, path: Path | str) -> str:
    """Return a path as seen from the course's folder."""
    return str(path).removeprefix(f"{course.root}/")
