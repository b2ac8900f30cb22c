"""Find places in a workspace: the student's own files, where an error happened, where a symbol is defined.

Symbols are found by `ast` in Python, and by a scan of braces in C++ and CUDA.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment, Question, Symbol

# A comment, string, character or preprocessor line: what braces must not be counted in.
_OPAQUE = re.compile(
    r"//[^\n]*|/\*.*?\*/|^[ \t]*#(?:\\\n|[^\n])*"
    r"|R\"([^(\s]*)\(.*?\)\1\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'",
    re.DOTALL | re.MULTILINE,
)
_SCOPE = re.compile(r"\b(?:namespace|class|struct)\s+(?:alignas\([^)]*\)\s*)?([\w:]+)[^()]*$")
_ANONYMOUS = re.compile(r"\b(?:namespace|extern)\s*$")
_CALLABLE = re.compile(r"(~?\b(?!__)[A-Za-z_][\w:~]*)\s*\(")

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_INSTALLED = {"site-packages", ".venv"}

_Open = tuple[str | None, str, int]  # an open brace: its scope (None: no scope), its function, its line


@dataclass(frozen=True)
class Extent:
    """The lines of a definition, its signature included."""

    first: int
    last: int

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


def own_file(workspace: Path, file: str) -> str | None:
    """Return a file's path in the workspace; None when it lies elsewhere, or in an environment inside it."""
    root, path = workspace.resolve(), Path(workspace, file).resolve()
    if not path.is_relative_to(root):
        return None
    inside, environment = path.relative_to(root), Path(sys.prefix).resolve()
    installed = environment != root and environment.is_relative_to(root) and path.is_relative_to(environment)
    return None if installed or _INSTALLED & set(inside.parts) else inside.as_posix()


def place(frames: list[tuple[str, int]], workspace: Path) -> str:
    """Return, of frames with the innermost first, the innermost of the student's own; else of the tests'."""
    files = [(file, line) for file, line in frames if Path(file).is_absolute()]  # no <frozen runpy>
    inside = [(own_file(workspace, file), line) for file, line in files]
    known = [(file, line) for file, line in inside if file]
    own = [(file, line) for file, line in known if not file.startswith("assignments/")]
    return next((f"{file}:{line}" for file, line in own + known), "")


def place_in_stack(stack: str, workspace: Path) -> str:
    """Return the place from a stack that faulthandler wrote, most recent call first."""
    return place([(file, int(line)) for file, line in _FRAME.findall(stack)], workspace)


def find(workspace: Path, symbol: Symbol) -> Extent | None:
    """Return where a symbol is defined; None when it isn't, or its file can't be read that far."""
    try:
        text = (workspace / symbol.file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = list(_python(text) if symbol.file.endswith(".py") else _cpp(text))
    exact = [extent for name, extent in found if name == symbol.name]
    last = symbol.name.replace("::", ".").rpartition(".")[2]
    alike = [extent for name, extent in found if name.replace("::", ".").rpartition(".")[2] == last]
    return next(iter(exact + alike), None)


def question_at(workspace: Path, assignment: Assignment, file: str, line: int) -> Question | None:
    """Return the question whose symbol encloses a line, or ends last before it, or is alone in the file."""
    places = [
        (question, find(workspace, symbol))
        for question in assignment.questions
        for symbol in assignment.symbols(question)
        if symbol.file == file
    ]
    before = [(extent.last, question) for question, extent in places if extent and extent.first <= line]
    for question, extent in places:
        if extent and line in extent:
            return question
    if before:
        return max(before, key=lambda pair: pair[0])[1]
    return places[0][0] if len({question.id for question, _ in places}) == 1 else None


def _python(text: str) -> Iterator[tuple[str, Extent]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        for at, line in enumerate(text.splitlines(), 1):
            if named := re.match(r"\s*(?:async\s+)?(?:def|class)\s+(\w+)", line):
                yield named.group(1), Extent(at, at)
        return
    yield from _definitions(tree, "")


def _definitions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, Extent]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield prefix + node.name, Extent(node.lineno, node.end_lineno or node.lineno)
            yield from _definitions(node, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _definitions(node, prefix)


def _cpp(text: str) -> Iterator[tuple[str, Extent]]:
    """Yield each function that is defined at the level of a namespace or class.

    A brace that is never closed ends its function at the end of the text.
    """
    code = _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    scopes: list[_Open] = []
    start = 0
    for brace in re.finditer(r"[{};]", code):
        if brace.group() == "{":
            header = code[start : brace.start()]
            indent = len(header) - len(header.lstrip())
            scopes.append(_opened(header, code.count("\n", 0, start + indent) + 1))
        elif brace.group() == "}" and scopes:
            yield from _closed(scopes, code.count("\n", 0, brace.start()) + 1)
        start = brace.end()
    while scopes:
        yield from _closed(scopes, code.count("\n") + 1)


def _opened(header: str, line: int) -> _Open:
    if _ANONYMOUS.search(header):
        return "", "", line
    if scope := _SCOPE.search(header):
        return scope.group(1), "", line
    function = _CALLABLE.search(header)
    return None, function.group(1) if function else "", line


def _closed(scopes: list[_Open], line: int) -> Iterator[tuple[str, Extent]]:
    _, function, first = scopes.pop()
    if function and all(name is not None for name, _, _ in scopes):
        outer = [name for name, _, _ in scopes if name]
        yield "::".join([*outer, function]), Extent(first, line)
