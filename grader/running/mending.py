"""When a build fails: put the bodies that don't compile back to stubs in a copy, and build the rest there.

The copy stays under build/, so that its next build compiles only what has changed. Its lines are those of the
workspace, and so are the lines of the errors found in it.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.assignment import MARKER, Assignment, Question, Symbol
from grader.running import cmake
from grader.running.diagnostics import CompilerError, read
from grader.running.importing import LIBRARIES, SOURCES
from grader.running.locate import definitions, definitions_in

COPY = "build/mended"
HEADERS = (".h", ".hh", ".hpp", ".cuh", ".inl")

_ROUNDS = 8  # an error may show only once another one is gone
_STDEXCEPT = "#include <stdexcept>"
_FREE_LINE = re.compile(r"\A((?:[ \t]*#[^\n]*\n)*)[ \t]*(?://[^\n]*)?(?=\n)")  # blank, or a comment

Body = tuple[Question, Symbol]


@dataclass
class Mended:
    """What came of the copy."""

    errors: list[CompilerError] = field(default_factory=list)  # of the first build and of all of the copy's
    left_out: list[Body] = field(default_factory=list)  # what is a stub in the copy
    output: str = ""


def mend(workspace: Path, assignment: Assignment, errors: list[CompilerError], configured: Any) -> Mended:
    """Build a copy without the bodies that have errors, and take the libraries from it that are missing.

    `configured` is what a build depends on beside the sources. An error outside of all bodies that are to be
    implemented stays, and with it the library that it stops.
    """
    mended, copy = Mended(), workspace / COPY
    failed = True
    for root in [workspace, *[copy] * _ROUNDS]:
        found = list(_explained(root, assignment, errors))
        mended.errors = list(dict.fromkeys([*mended.errors, *found]))
        blamed = [body for body in _blamed(root, assignment, found) if body not in mended.left_out]
        if not failed or not blamed:
            break
        mended.left_out += blamed
        _write_copy(workspace, assignment, mended.left_out, configured)
        output, failed = cmake.run_cmake(copy, _targets(workspace, mended.left_out))
        mended.output += output
        errors = read(output, copy, assignment) if failed else []
    if mended.left_out:
        _adopt_libraries(copy, workspace)
    return mended


def _explained(root: Path, assignment: Assignment, errors: list[CompilerError]) -> Iterator[CompilerError]:
    """Yield errors; where braces don't match, this is said in place of what the compiler made of it."""
    files = list(dict.fromkeys(error.file for error in errors))
    braces = {file: list(_unmatched(root, assignment, file)) for file in files}
    for file in files:
        yield from braces[file] or (error for error in errors if error.file == file)


def _unmatched(root: Path, assignment: Assignment, file: str) -> Iterator[CompilerError]:
    for question, symbol in _bodies(assignment):
        for one in definitions(root, symbol) if symbol.file == file else ():
            if not one.balanced:
                said = f"the braces of {symbol.name} don't match. Expected one }} for each {{."
                yield CompilerError(file, one.extent.first, 0, said, question.id, str(symbol))


def _bodies(assignment: Assignment) -> Iterator[Body]:
    for question in assignment.questions:
        for symbol in assignment.symbols(question):
            if not symbol.file.endswith(".py"):
                yield question, symbol


def _blamed(root: Path, assignment: Assignment, errors: Iterable[CompilerError]) -> list[Body]:
    """Return the bodies that have errors; where a kernel does, also what launches it."""
    bodies = list(_bodies(assignment))
    named = {error.symbol for error in errors}
    blamed = [(question, symbol) for question, symbol in bodies if str(symbol) in named]
    kernels = {
        (question.id, symbol.file)
        for question, symbol in blamed
        if any(one.on_device for one in definitions(root, symbol))
    }
    launchers = [(one, symbol) for one, symbol in bodies if (one.id, symbol.file) in kernels]
    return [*blamed, *(body for body in launchers if body not in blamed)]


def _write_copy(workspace: Path, assignment: Assignment, left_out: list[Body], configured: Any) -> None:
    copy, remembered = workspace / COPY, workspace / COPY / "configured.json"
    now = json.dumps(configured)
    if not remembered.is_file() or remembered.read_text(encoding="utf-8") != now:
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True)
        remembered.write_text(now, encoding="utf-8")
    cmake.remove_libraries(copy)
    wanted = set(_copied(workspace, assignment))
    for path in (copy / "src").rglob("*"):
        if path.is_file() and path.relative_to(copy) not in wanted:
            path.unlink()
    for relative in wanted:
        data = (workspace / relative).read_bytes()
        stubs = [(question, symbol) for question, symbol in left_out if symbol.file == relative.as_posix()]
        if stubs:
            data = _with_stubs(data.decode("utf-8", "replace"), assignment.id, stubs).encode()
        target = copy / relative
        if not target.is_file() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def _copied(workspace: Path, assignment: Assignment) -> Iterator[Path]:
    yield Path("CMakeLists.txt")
    for path in (workspace / "src").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(workspace)
    for file in assignment.definition.adds:
        if file.endswith(SOURCES + HEADERS) and (workspace / file).is_file():
            yield Path(file)


def _with_stubs(text: str, assignment: str, stubs: list[Body]) -> str:
    """Return a source whose lines are the same, with stubs in the place of some bodies."""
    places: dict[tuple[int, int], str] = {}
    for question, symbol in stubs:
        for one in definitions_in(text, symbol.name):
            throw = f' throw std::logic_error("{MARKER}{assignment}/{question.id}"); '
            places[one.body] = "" if one.on_device else throw
    for (start, end), stub in sorted(places.items(), reverse=True):
        lines = "\n" * text.count("\n", start, end)
        text = f"{text[:start]}{{{stub}{lines}}}{text[end:]}"
    if _STDEXCEPT in text or not any(places.values()):
        return text
    return _FREE_LINE.sub(lambda found: f"{found[1]}{_STDEXCEPT}", text)


def _targets(workspace: Path, left_out: list[Body]) -> list[str]:
    """Return what failed for these bodies: all else was made in the workspace."""
    files = {symbol.file for _, symbol in left_out}
    targets = set().union(*(cmake.targets_from(workspace, file) for file in files))
    return sorted(target for target in targets if not cmake.is_made(workspace, target))


def _adopt_libraries(copy: Path, workspace: Path) -> None:
    (workspace / LIBRARIES).mkdir(parents=True, exist_ok=True)
    there = {path.name for path in cmake.libraries(workspace)}
    for library in cmake.libraries(copy):
        if library.name not in there:
            shutil.copy2(library, workspace / LIBRARIES / library.name)
