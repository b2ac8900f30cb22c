"""Read the errors of CMake, gcc, clang and nvcc: file, line, message, and the question concerned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment
from grader.running import locate

_GNU = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:(?P<column>\d+):)?\s+(?:fatal )?"
    r"(?P<kind>error|warning|note): (?P<message>.+)$"
)
_NVCC = re.compile(
    r"^(?P<file>\S[^(\n]*)\((?P<line>\d+)\): (?:catastrophic )?"
    r"(?P<kind>error|warning|note|remark)(?: #\S+)?: (?P<message>.+)$"
)
# The places that led to an error: gcc names them before it, clang and nvcc after it.
_REQUIRED = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+:\s+required (?:from|by) ")
_INCLUDED = re.compile(r"^(?:In file included|\s+) from (?P<file>[^:\n]+):(?P<line>\d+)[:,]")
_REQUESTED = re.compile(r"^in instantiation of .* requested here")
_INSTANTIATED = re.compile(
    r"^\s+(?:detected during )?instantiation of .* at line (?P<line>\d+)(?: of (?P<file>.+))?$"
)
_LINKER = re.compile(
    r"undefined symbol: .+|undefined reference to .+|Undefined symbols for .+|ld: symbol\(s\) not found.*"
)
_UNDEFINED = re.compile(r"undefined symbol: _ZN?(?P<names>(?:\d+[A-Za-z_]\w*)+)")
_CMAKE = re.compile(
    r"^CMake Error at (?P<file>[^:\n]+):(?P<line>\d+)[^\n]*\n(?P<message>(?:\n|[ \t]+\S[^\n]*\n?)+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class CompilerError:
    """One error of a build. The file is relative to the workspace; empty, with line 0, when none is named."""

    file: str
    line: int
    column: int
    message: str
    question: str | None = None
    symbol: str | None = None  # what is to be implemented and holds the error's line, or led to it

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.message}" + (f" (question {self.question})" if self.question else "")


def read(output: str, workspace: Path, assignment: Assignment) -> list[CompilerError]:
    """Return the errors in a build's output, each once.

    The workspace may be a copy: files are told by their paths inside it.
    """
    found = dict.fromkeys([*_configuring(output, workspace), *_compiling(output, workspace, assignment)])
    found = found or dict.fromkeys(_missing(output, assignment))
    if not found:
        found = dict.fromkeys(CompilerError("", 0, 0, text) for text in _LINKER.findall(output))
    return list(found)


def _missing(output: str, assignment: Assignment) -> Iterator[CompilerError]:
    """Yield the functions to implement that a library calls and does not have: renamed ones, for example."""
    for match in _UNDEFINED.finditer(output):
        name = _demangled(match["names"])
        for question in assignment.questions:
            for symbol in assignment.symbols(question):
                if symbol.name == name:
                    said = (
                        f"{name} is called, but not defined. Expected a function of this name that takes "
                        "what its header declares. Name it so again, with the parameters that it had."
                    )
                    yield CompilerError(symbol.file, 0, 0, said, question.id, str(symbol))


def _demangled(names: str) -> str:
    """Return a name in namespaces as C++ writes it. Source: the Itanium C++ ABI, nested names."""
    parts = []
    while length := re.match(r"\d+", names):
        end = length.end() + int(length[0])
        parts.append(names[length.end() : end])
        names = names[end:]
    return "::".join(parts)


def _configuring(output: str, workspace: Path) -> Iterator[CompilerError]:
    for match in _CMAKE.finditer(output):
        message = " ".join(match["message"].split())
        yield CompilerError(
            locate.own_file(workspace, match["file"]) or match["file"], int(match["line"]), 0, message
        )


Place = tuple[str, int]  # a file as the compiler names it, and a line


@dataclass
class _Record:
    """One error, and the places that led to it: the innermost first."""

    places: list[Place]
    column: int
    message: str


def _compiling(output: str, workspace: Path, assignment: Assignment) -> Iterator[CompilerError]:
    """Yield errors; one inside a library's header stands at the workspace's line that led there."""
    for record in _records(output):
        named = [(locate.own_file(workspace, file), line) for file, line in record.places]
        own = [(file, line) for file, line in named if file]
        if not own:
            continue
        file, line = own[0]
        held = next(filter(None, (locate.symbol_at(workspace, assignment, *place) for place in own)), None)
        question = held[0] if held else locate.question_at(workspace, assignment, file, line)
        yield CompilerError(
            file,
            line,
            record.column if named[0][0] else 0,
            record.message,
            question.id if question else None,
            str(held[1]) if held else None,
        )


def _records(output: str) -> Iterator[_Record]:
    """Yield the errors that compilers report."""
    record: _Record | None = None
    required: list[Place] = []
    included: list[Place] = []
    for text in output.splitlines():
        if way := _REQUIRED.match(text) or _INCLUDED.match(text):
            (required if way.re is _REQUIRED else included).append((way["file"], int(way["line"])))
        elif said := _GNU.match(text) or _NVCC.match(text):
            place = (said["file"], int(said["line"]))
            if said["kind"] == "error":
                yield from [record] if record else []
                column = int(said.groupdict().get("column") or 0)
                record = _Record([place, *required, *included], column, said["message"])
            elif record and _REQUESTED.match(said["message"]):
                record.places.append(place)
            required, included = [], []
        elif record and (way := _INSTANTIATED.match(text)):
            record.places.append((way["file"] or record.places[-1][0], int(way["line"])))
    yield from [record] if record else []
