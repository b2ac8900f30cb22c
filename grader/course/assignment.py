"""An assignment: its questions, their points, and the symbols that a student implements."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, StringConstraints

from grader.course.yamlfile import Location, Strict, place, read_yaml
from grader.errors import CourseError

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
MARKER = "not started: "  # how the message of every stub's exception begins

_UNSAFE = re.compile(r"^$|^/|^[A-Za-z]:|[\\\x00-\x1f]|(^|/)\.\.(/|$)")


@dataclass(frozen=True)
class Symbol:
    """A function, method or class in one file of the workspace: `hw0.simple_ml.add`, `src/x.cc::ns::Dot`."""

    file: str
    name: str  # within the file: Python's qualified name, or C++'s with `::`

    def __str__(self) -> str:
        return f"{self.file}::{self.name}"


class Question(Strict):
    id: Identifier
    title: str
    points: Annotated[float, Field(gt=0, le=100)]
    implement: Annotated[list[str], Field(min_length=1)]
    group: str = ""
    requires: list[Identifier] = Field(default=[])
    time_limit: Annotated[float, Field(gt=0)] = 60.0  # seconds


class Definition(Strict):
    """What an assignment.yaml says."""

    id: Identifier
    title: str
    path: list[str] = Field(default=["."])
    environment: dict[str, str] = Field(default={})
    datasets: list[str] = Field(default=[])
    requirements: list[str] = Field(default=[])
    adds: Annotated[list[str], Field(min_length=1)]
    glue: list[str] = Field(default=[])
    omit: list[str] = Field(default=[])
    train: list[str] = Field(default=[])  # the program that trains what was built, and its arguments
    bench: list[str] = Field(default=[])  # the one that measures how fast it is
    questions: Annotated[list[Question], Field(min_length=1)]

    def problems(self) -> Iterator[tuple[Location, str]]:
        yield from self._unsafe_paths()
        yield from self._question_problems()
        yield from self._foreign_programs()
        total = sum(question.points for question in self.questions)
        if abs(total - 100) > 1e-9:
            yield ("questions",), f"the points add up to {total:g}. Expected 100."

    def _foreign_programs(self) -> Iterator[tuple[Location, str]]:
        for field, what in (("train", "training"), ("bench", "measuring")):
            for program in getattr(self, field)[:1]:
                if program not in (*self.adds, *self.glue) or not program.endswith(".py"):
                    said = f"{program!r} is no Python file under adds or glue. Expected the {what} program."
                    yield (field, 0), said

    def _unsafe_paths(self) -> Iterator[tuple[Location, str]]:
        for field in ("path", "adds", "glue"):
            for at, path in enumerate(getattr(self, field)):
                if _UNSAFE.search(path):
                    yield (field, at), f"found {path!r}. Expected a path inside the workspace, with `/`."
                elif field != "path" and (path.endswith("/") or not PurePosixPath(path).name):
                    yield (field, at), f"found {path!r}, which is a folder. Expected a file."

    def _question_problems(self) -> Iterator[tuple[Location, str]]:
        seen: dict[str, None] = {}  # in their order
        for at, question in enumerate(self.questions):
            if question.id in seen:
                yield ("questions", at, "id"), f"{question.id!r} stands twice. Expected one of each."
            if round(question.points, 2) != question.points:
                said = f"found {question.points}. Expected two decimals at most."
                yield ("questions", at, "points"), said
            for need in question.requires:
                if need not in seen:
                    above = ", ".join(seen) or "none"
                    said = f"{need!r} is no question above this one. Those above: {above}."
                    yield ("questions", at, "requires"), said
            for index, symbol in enumerate(question.implement):
                if split_symbol(symbol, self.adds) is None:
                    said = f"{symbol!r} names nothing in the files under adds ({', '.join(self.adds)})."
                    yield ("questions", at, "implement", index), said
            seen[question.id] = None


@dataclass(frozen=True)
class Assignment:
    """A definition and the folder that it was read from."""

    definition: Definition
    folder: Path

    @property
    def id(self) -> str:
        return self.definition.id

    @property
    def questions(self) -> list[Question]:
        return self.definition.questions

    @property
    def yaml(self) -> Path:
        return self.folder / "assignment.yaml"

    def question(self, name: str) -> Question:
        """Return a question by its id. Raises: CourseError, naming those there are."""
        for question in self.questions:
            if question.id == name:
                return question
        known = ", ".join(question.id for question in self.questions)
        raise CourseError(f"{self.id} has no question {name!r}. Its questions: {known}.")

    def test_file(self, question: Question) -> Path:
        return self.folder / "tests" / f"test_{question.id}.py"

    def case_file(self, question: Question) -> Path:
        return self.folder / "cases" / f"{question.id}.py"

    def symbols(self, question: Question) -> list[Symbol]:
        return [self.symbol(name) for name in question.implement]

    def symbol(self, name: str) -> Symbol:
        symbol = split_symbol(name, self.definition.adds)
        if symbol is None:
            raise CourseError(f"{self.yaml}: {name!r} names nothing in the files under adds.")
        return symbol

    def cases_digest(self) -> str:
        """Return a digest of all that decides how values are judged: the questions and their cases."""
        digest = hashlib.sha256(self.definition.model_dump_json(include={"id", "questions"}).encode())
        for path in sorted((self.folder / "cases").glob("*.py")):
            text = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout may have changed how lines end
            digest.update(f"\0{path.name}\0".encode() + text)
        return digest.hexdigest()


def split_symbol(name: str, files: Iterable[str]) -> Symbol | None:
    """Return which of the files a symbol's name begins with, and the rest; None if it is none of them."""
    if "::" in name:
        file, inner = name.split("::", 1)
        return Symbol(file, inner) if inner and file in files else None
    for file in files:
        path = PurePosixPath(file)
        if path.suffix != ".py":
            continue
        module = ".".join(path.with_suffix("").parts) + "."
        inner = name.removeprefix(module)
        if name.startswith(module) and all(part.isidentifier() for part in inner.split(".")):
            return Symbol(file, inner)
    return None


def load_assignment(folder: Path) -> Assignment:
    """Read an assignment from its folder.

    Raises: CourseError when assignment.yaml is not valid, or names a question without its two files.
    """
    definition = read_yaml(folder / "assignment.yaml", Definition)
    assignment = Assignment(definition, folder)
    if definition.id != folder.name:
        where = place(assignment.yaml, "id")
        raise CourseError(f"{where}: found {definition.id!r}. Expected the folder's name, {folder.name!r}.")
    for at, question in enumerate(assignment.questions):
        for path in (assignment.test_file(question), assignment.case_file(question)):
            if not path.is_file():
                where = place(assignment.yaml, "questions", at, "id")
                raise CourseError(f"{where}: {question.id!r} has no file {path}. Write it.")
    return assignment
