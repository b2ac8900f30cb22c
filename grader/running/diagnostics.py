"""Read the errors of CMake, gcc, clang and nvcc: file, line, message, and the question concerned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment
from grader.running import locate

_GNU = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:(?P<column>\d+):)?\s+(?:fatal )?error: (?P<message>.+)$"
)
_NVCC = re.compile(
    r"^(?P<file>\S[^(\n]*)\((?P<line>\d+)\): (?:catastrophic )?error(?: #\S+)?: (?P<message>.+)$"
)
_REQUIRED = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+:\s+required from here")
_INCLUDED = re.compile(r"^(?:In file included|\s+) from (?P<file>[^:\n]+):(?P<line>\d+)[:,]")
_LINKER = re.compile(r"undefined reference to .+|Undefined symbols for .+|ld: symbol\(s\) not found.*")
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

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}{self.message}" + (f" (question {self.question})" if self.question else "")


def read(output: str, workspace: Path, assignment: Assignment) -> list[CompilerError]:
    """Return the errors in a build's output, each once."""
    found = dict.fromkeys([*_configuring(output, workspace), *_compiling(output, workspace, assignment)])
    if not found:
        found = dict.fromkeys(CompilerError("", 0, 0, text) for text in _LINKER.findall(output))
    return list(found)


def _configuring(output: str, workspace: Path) -> Iterator[CompilerError]:
    for match in _CMAKE.finditer(output):
        message = " ".join(match["message"].split())
        yield CompilerError(
            locate.own_file(workspace, match["file"]) or match["file"], int(match["line"]), 0, message
        )


def _compiling(output: str, workspace: Path, assignment: Assignment) -> Iterator[CompilerError]:
    """Yield errors; one inside a library's header stands at the workspace's line that led there."""
    led: tuple[str, int] | None = None
    for text in output.splitlines():
        match = _GNU.match(text) or _NVCC.match(text)
        if not match:
            if way := _REQUIRED.match(text) or _INCLUDED.match(text):
                file = locate.own_file(workspace, way["file"])
                led = (file, int(way["line"])) if file else led
            continue
        own = locate.own_file(workspace, match["file"])
        if own is None and led is None:
            continue
        file, line = (own, int(match["line"])) if own or led is None else led
        column = int(match.groupdict().get("column") or 0) if own else 0
        question = locate.question_at(workspace, assignment, file or "", line)
        yield CompilerError(file or "", line, column, match["message"], question.id if question else None)
