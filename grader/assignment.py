"""An assignment: its questions, their points, and the symbols that a student implements."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, StringConstraints

from grader.errors import CourseError
from grader.yamlfile import Location, Strict, read_yaml

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
MARKER = "not started: "  # how the message of every stub's exception begins

_UNSAFE = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)")


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
    requires: list[Identifier] = []
    time_limit: Annotated[float, Field(gt=0)] = 60.0  # seconds


class Definition(Strict):
    """What an assignment.yaml says."""

    id: Identifier
    title: str
    path: list[str] = ["."]
    environment: dict[str, str] = {}
    datasets: list[str] = []
    requirements: list[str] = []
    adds: Annotated[list[str], Field(min_length=1)]
    glue: list[str] = []
    omit: list[str] = []
    questions: Annotated[list[Question], Field(min_length=1)]

    def problems(self) -> Iterator[tuple[Location, str]]:
        yield from self._unsafe_paths()
        yield from self._question_problems()
        total = sum(question.points for question in self.questions)
        if abs(total - 100) > 1e-9:
            yield ("questions",), f"the points add up to {total:g}. Expected 100."

    def _unsafe_paths(self) -> Iterator[tuple[Location, str]]:
        for field in ("path", "adds", "glue"):
            for at, path in enumerate(getattr(self, field)):
                if _UNSAFE.search(path):
                    yield (field, at), f"found {path!r}. Expected a path inside the workspace, with `/`."

    def _question_problems(self) -> Iterator[tuple[Location, str]]:
        seen: set[str] = set()
        for at, question in enumerate(self.questions):
            if question.id in seen:
                yield ("questions", at, "id"), f"{question.id!r} stands twice. Expected one of each."
            for need in question.requires:
                if need not in seen:
                    yield ("questions", at, "requires"), f"{need!r} is no question above this one."
            for symbol in question.implement:
                if split_symbol(symbol, self.adds) is None:
                    said = f"{symbol!r} lies in none of the files under adds ({', '.join(self.adds)})."
                    yield ("questions", at, "implement"), said
            seen.add(question.id)


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
            raise CourseError(f"{self.yaml}: {name!r} lies in none of the files under adds.")
        return symbol

    def cases_digest(self) -> str:
        """Return a digest of all that decides how values are judged: the questions and their cases."""
        digest = hashlib.sha256(self.definition.model_dump_json(include={"id", "questions"}).encode())
        for path in sorted((self.folder / "cases").glob("*.py")):
            digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
        return digest.hexdigest()


def split_symbol(name: str, files: Iterable[str]) -> Symbol | None:
    """Return which of the files a symbol's name begins with, and the rest; None if it is none of them."""
    if "::" in name:
        file, inner = name.split("::", 1)
        return Symbol(file, inner) if file in files else None
    for file in files:
        path = PurePosixPath(file)
        module = ".".join(path.with_suffix("").parts) + "."
        if path.suffix == ".py" and name.startswith(module):
            return Symbol(file, name.removeprefix(module))
    return None


def load_assignment(folder: Path) -> Assignment:
    """Read an assignment from its folder.

    Raises: CourseError when assignment.yaml is not valid, or names a question without its two files.
    """
    definition = read_yaml(folder / "assignment.yaml", Definition)
    if definition.id != folder.name:
        raise CourseError(
            f"{folder / 'assignment.yaml'}: id: found {definition.id!r}. Expected the folder's name, {folder.name!r}."
        )
    assignment = Assignment(definition, folder)
    for question in assignment.questions:
        for path in (assignment.test_file(question), assignment.case_file(question)):
            if not path.is_file():
                raise CourseError(f"{assignment.yaml}: question {question.id}: there is no {path}. Write it.")
    return assignment
