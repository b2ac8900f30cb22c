"""Find places in a workspace: the student's own files, where an error happened, where a symbol is defined.

Symbols are found by `ast` in Python, and by a scan of braces in C++ and CUDA.
"""

import ast
import functools
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
_ON_DEVICE = re.compile(r"\b__(?:global|device)__\b")
_CALLABLE = re.compile(r"(~?\b(?!__)[A-Za-z_][\w:~]*)\s*\(")

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_INSTALLED = {"site-packages", ".venv"}


@dataclass(frozen=True)
class Extent:
    """The lines of a definition, its signature included."""

    first: int
    last: int

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


@dataclass(frozen=True)
class Definition:
    """A function of C++ or CUDA, as the scan of braces sees it."""

    name: str  # with its namespaces and classes
    extent: Extent
    body: tuple[int, int]  # where its braces stand in the text: from the first to past the last
    on_device: bool
    balanced: bool  # whether the braces of the body match


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
    alike = [extent for name, extent in found if _last_name(name) == _last_name(symbol.name)]
    return next(iter(exact + alike), None)


def _last_name(name: str) -> str:
    return name.replace("::", ".").rpartition(".")[2]


def definitions(workspace: Path, symbol: Symbol) -> list[Definition]:
    """Return where a symbol of C++ or CUDA is defined: all of its overloads."""
    try:
        text = (workspace / symbol.file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return definitions_in(text, symbol.name)


def definitions_in(text: str, name: str) -> list[Definition]:
    """Return the definitions of a name; of those whose last part it has, when there is none of all of it."""
    found = cpp_definitions(text)
    exact = [one for one in found if one.name == name]
    return exact or [one for one in found if _last_name(one.name) == _last_name(name)]


def symbol_at(
    workspace: Path, assignment: Assignment, file: str, line: int
) -> tuple[Question, Symbol] | None:
    """Return what is to be implemented around a line of C++ or CUDA, and its question."""
    for question in assignment.questions:
        for symbol in assignment.symbols(question):
            inside = symbol.file == file and not file.endswith(".py")
            if inside and any(line in one.extent for one in definitions(workspace, symbol)):
                return question, symbol
    return None


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
    for one in cpp_definitions(text):
        yield one.name, one.extent


@functools.lru_cache(maxsize=8)
def cpp_definitions(text: str) -> tuple[Definition, ...]:
    """Return each function that is defined at the level of a namespace or class.

    Where a file's braces don't match, a body ends with the first `}` that stands as its function begins.
    """
    code = _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return tuple(_functions(code, trusted=_balanced(code)))


def _functions(code: str, *, trusted: bool) -> Iterator[Definition]:
    scopes: list[str] = []
    start = 0
    while brace := re.compile(r"[{};]").search(code, start):
        header, header_at, start = code[start : brace.start()], start, brace.end()
        if brace.group() == "}":
            del scopes[-1:]
        if brace.group() != "{":
            continue
        scope = _scope(header)
        if scope is not None:
            scopes.append(scope)
            continue
        begins = header_at + len(header) - len(header.lstrip())
        start = _end_of_body(code, begins, brace.start(), trusted)
        if function := _CALLABLE.search(header):
            name = "::".join([*filter(None, scopes), function.group(1)])
            lines = Extent(code.count("\n", 0, begins) + 1, code.count("\n", 0, start) + 1)
            device = bool(_ON_DEVICE.search(header))
            yield Definition(
                name, lines, (brace.start(), start), device, _balanced(code[brace.start() : start])
            )


def _scope(header: str) -> str | None:
    """Return the name of the namespace or class that a header opens, "" for one without; None for neither."""
    if _ANONYMOUS.search(header):
        return ""
    found = _SCOPE.search(header)
    return found.group(1) if found else None


def _end_of_body(code: str, begins: int, opened: int, trusted: bool) -> int:
    """Return where the body ends that opens with the brace at `opened`, of a function that begins before."""
    end = _matching(code, opened)
    if trusted or "\n" not in code[opened:end]:
        return end
    indent = code[code.rfind("\n", 0, begins) + 1 : begins]
    alike = re.compile(rf"^{indent if indent.isspace() else ''}\}}", re.MULTILINE).search(code, opened)
    return alike.end() if alike else end


def _matching(code: str, opened: int) -> int:
    depth = 0
    for brace in re.compile(r"[{}]").finditer(code, opened):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.end()
    return len(code)


def _balanced(code: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", code):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0
