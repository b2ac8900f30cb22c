"""Releases and what they were made from, file by file, for tests that read them with eyes of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.release.content import release_files

CPP = (".cc", ".cpp", ".cu", ".cuh", ".h")


@dataclass(frozen=True)
class Reading:
    """What one file of the reference and its released twin say."""

    solved: str
    released: str
    questions: dict[str, str]  # symbol -> the marker's text
    omitted: set[str]
    cuda: bool


@cache
def release_of(root: Path, homework: str) -> dict[str, bytes]:
    """Return a release's files. It is read by several tests, and takes seconds to make."""
    course = Course(root)
    return release_files(course, course.assignment(homework))


def readings(course: Course, suffixes: tuple[str, ...]) -> Iterator[Reading]:
    for assignment in course.assignments:
        files = release_of(course.root, assignment.id)
        for path in assignment.definition.adds:
            if path.endswith(suffixes):
                solved, released = course.source_of(path).read_text(), files[path].decode()
                omitted = {assignment.symbol(name) for name in assignment.definition.omit}
                names = {one.name for one in omitted if one.file == path}
                yield Reading(
                    solved, released, markers(assignment, path), names, path.endswith((".cu", ".cuh"))
                )


def markers(assignment: Assignment, path: str) -> dict[str, str]:
    return {
        symbol.name: f"not started: {assignment.id}/{question.id}"
        for question in assignment.questions
        for symbol in assignment.symbols(question)
        if symbol.file == path
    }
