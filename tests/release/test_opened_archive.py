"""The archive, as a stranger opens it: nothing of a solution, all of the grader."""

import ast
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cpp_readings import cpp_bodies
from python_readings import body, functions, gone, lines_of, marker_of
from release_readings import CPP, Reading, readings, release_of

from grader.course.policy import Course
from grader.release.archive import pack, wheel_file, write_archive
from grader.release.content import release_files

RUN = 20  # tokens of a solution in a row that no other file may hold
FAST = ("src/fast", "src/cpu_fast", "src/cuda_fast")  # the reference's own
LONG = 60  # characters of a line that two files don't share by chance


def test_with_everything_solved_the_files_are_the_references(any_course: Course) -> None:
    for assignment in any_course.assignments:
        files = release_files(any_course, assignment, {question.id for question in assignment.questions})
        for path in assignment.definition.adds:
            assert files[path] == any_course.source_of(path).read_bytes()


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text)


@cache  # most files are in every release
def runs(text: str) -> set[tuple[str, ...]]:
    found = tokens(text)
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def secrets(reading: Reading, python: bool) -> Iterator[str]:
    """Yield the text of every body that the release must not show, and of what went with it."""
    if python:
        lines = reading.solved.splitlines()
        for name, node in functions(ast.parse(reading.solved)):
            if marker_of(name, reading.questions):
                yield "\n".join(lines[body(node)[0].lineno - 1 : node.end_lineno])
        for node in gone(reading).values():
            yield "\n".join(lines[at - 1] for at in sorted(lines_of(node, lines)))
    else:
        places = cpp_bodies(reading.solved, reading.cuda)
        lost = places.keys() - cpp_bodies(reading.released, reading.cuda).keys()
        for name in {*reading.questions, *lost}:
            yield from (reading.solved[start:end] for _, start, end in places[name])


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of an archive, and of the wheel in it."""
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            data = file.read()
            yield member.name, data
            if member.name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(data)) as wheel:
                    yield from ((f"{member.name}/{name}", wheel.read(name)) for name in wheel.namelist())


def test_an_opened_archive_holds_nothing_of_a_solution(any_course: Course, tmp_path: Path) -> None:
    for assignment in any_course.assignments:
        files = release_of(any_course.root, assignment.id) | wheel_file(any_course)
        files = dict(unpacked(pack(files, tmp_path / f"{assignment.id}.tar.gz")))
        assert all(path.startswith("needle-course/") for path in files)
        assert not [path for path in files if path.endswith((".pyc", ".so")) or "/labels/" in path]
        assert not [path for path in files if "reference" in path]
        texts = {path: runs(data.decode("utf-8", "replace")) for path, data in files.items()}
        for suffixes, python in (((".py",), True), (CPP, False)):
            for reading in readings(any_course, suffixes):
                hidden = list(secrets(reading, python))
                secret = {run for text in hidden for run in runs(text)} - runs(reading.released)
                for path, found in texts.items():
                    assert secret & found == set(), f"{path} shows a solution"
                for comment in re.findall(r"(?:#|//) (.{12,})", "\n".join(hidden)):
                    assert not [path for path, data in files.items() if comment.encode() in data]


def test_the_wheel_holds_all_of_the_grader_and_nothing_of_the_course(
    repository: Path, tmp_path: Path
) -> None:
    course = Course(repository)
    archive = write_archive(course, course.assignments[0], tmp_path / "first.tar.gz")
    inside = {path: data for path, data in unpacked(archive) if ".whl/" in path}
    assert {path.partition(".whl/")[2].split("/")[0].partition("-")[0] for path in inside} == {
        "grader",
        "needle_grader",
    }
    solved = {file.read_bytes() for file in (repository / "reference").rglob("*.py") if file.stat().st_size}
    assert not solved & set(inside.values())
    grader = [file for suffix in ("py", "html") for file in (repository / "grader").rglob(f"*.{suffix}")]
    modules = {file.relative_to(repository).as_posix() for file in grader if "build" not in file.parts}
    assert modules <= {path.partition(".whl/")[2] for path in inside}, (
        "name each room in grader/pyproject.toml"
    )


def test_the_fast_kernels_are_in_no_release(repository: Path) -> None:
    course = Course(repository)
    for assignment in course.assignments:
        files = release_of(course.root, assignment.id)
        assert not [path for path in files if path.startswith(FAST)]
        shown = {path: data.decode("utf-8", "replace") for path, data in files.items() if path.endswith(CPP)}
        for source in (file for folder in FAST for file in (repository / folder).rglob("*.*")):
            secret = {line for line in source.read_text().splitlines() if len(line) > LONG}
            assert not [path for path, text in shown.items() if secret & set(text.splitlines())], source
