"""Variants of the reference, read from YAML: one text of a solved workspace's file replaced by another."""

import functools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.client import Client
from grader.course.assignment import Assignment
from grader.local.questions import Tested, run_question
from grader.local.results import QuestionResult
from grader.running.build import build
from grader.submission.submit import submit
from grader.workspace.folder import Workspace


@dataclass(frozen=True)
class Variant:
    """A wrong variant of the reference, or a right one in another style."""

    homework: str
    name: str
    why: str
    file: str  # in a workspace
    find: str
    replace: str
    questions: tuple[str, ...]
    says: str = ""  # what a failure must tell where CUDA is simulated

    @contextmanager
    def planted(self, workspace: Workspace) -> Iterator[None]:
        """Have the variant in a workspace for the length of a block."""
        path = workspace.root / self.file
        right = path.read_text(encoding="utf-8")
        found = right.count(self.find)
        assert found == 1, f"{self.file}: the text of {self.name} stands there {found} times. Expected once."
        path.write_text(right.replace(self.find, self.replace), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(right, encoding="utf-8")


def read_variants(folder: Path, assignment: Assignment) -> list[Variant]:
    """Return a homework's variants, in the order of its questions."""
    files = [path for path in sorted(folder.glob("*.yaml")) if homework_of(path) == assignment.id]
    place = {question.id: at for at, question in enumerate(assignment.questions)}
    found = [variant for path in files for variant in _variants_in(path)]
    return sorted(found, key=lambda one: place.get(one.questions[0], -1))


@functools.cache
def _variants_in(path: Path) -> list[Variant]:
    return [_variant(homework_of(path), one) for one in yaml.safe_load(path.read_text(encoding="utf-8"))]


def first_of_each_group(assignment: Assignment, variants: list[Variant]) -> list[Variant]:
    """Return one variant for each heading of the homework: the sample that `make test` takes."""
    groups = {question.id: question.group or question.id for question in assignment.questions}
    chosen: dict[str, Variant] = {}
    for variant in variants:
        chosen.setdefault(groups[variant.questions[0]], variant)
    return list(chosen.values())


def first_of_each_question(variants: list[Variant], most: int | None) -> list[Variant]:
    """Return at most so many variants of each question; all of them for None."""
    before = Counter[tuple[str, ...]]()
    chosen = []
    for variant in variants:
        before[variant.questions] += 1
        if most is None or before[variant.questions] <= most:
            chosen.append(variant)
    return chosen


def homework_of(path: Path) -> str:
    """Return whose variants a file holds: `hw1.yaml`, or one of several as `hw1.forward.yaml`."""
    return path.name.partition(".")[0]


def _variant(homework: str, said: dict[str, Any]) -> Variant:
    questions = said.pop("questions", None) or [said.pop("question")]
    return Variant(homework, questions=tuple(questions), **said)


def run_locally(workspace: Workspace, homework: str, questions: tuple[str, ...]) -> list[QuestionResult]:
    """Run some questions' local tests after a build, as `pytest --hw` does."""
    assignment = workspace.assignment(homework)
    tested = Tested(workspace.root, assignment, build(workspace.root, assignment))
    return [run_question(tested, assignment.question(name)) for name in questions]


def submitted(
    workspace: Workspace, homework: str, questions: tuple[str, ...], client: Client
) -> dict[str, Any]:
    """Submit some questions, and return the server's answer."""
    return submit(workspace, workspace.assignment(homework), list(questions), client).answer
