"""Put the reference's bodies into a student's Python file: what else stands there stays byte for byte."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.course.solution import Needed, SolvedFile, SolvedFunction
from grader.errors import WorkspaceError
from grader.running.python_names import Function, bound_names, named_functions

SUFFIX = "_reference"  # of a helper, where the student has something else of its name
_AGAIN = "and run it again; nothing was changed in this file."

Names = Mapping[str, str]


class _Edit(NamedTuple):
    """Lines to put in the place of others, which are counted from 0."""

    start: int
    end: int
    lines: list[str]


def merge_python(path: str, text: str, solved: SolvedFile) -> str:
    """Return a file with the bodies of the solved functions, and the helpers and imports that it lacks.

    Raises: WorkspaceError when one of the functions is not there, or the file can't be read.
    """
    text = _readable(path, text, [one.name for one in solved.functions])
    tree, lines = _parse(path, text), text.split("\n")
    there = {(owner, name): node for owner, name, node in _bindings(tree.body, "")}
    renamed = _clashes(there, [*solved.imports, *solved.helpers])
    lacking = [one for one in solved.helpers if (one.owner, renamed.get(one.name, one.name)) not in there]
    imports = [one for one in solved.imports if ("", renamed.get(one.name, one.name)) not in there]
    edits = [_body_edit(path, lines, tree, one, renamed) for one in solved.functions]
    edits += _import_edits(tree, imports, renamed)
    edits += [_helper_edit(lines, tree, solved, one, renamed) for one in lacking]
    edits.sort(key=lambda one: one[:2])
    for edit in edits[::-1]:  # from the end, so that lines above keep their numbers
        lines[edit.start : edit.end] = edit.lines
    merged = "\n".join(lines)
    _parse(path, merged)
    return merged


def _parse(path: str, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        where, said = getattr(error, "lineno", None) or 1, getattr(error, "msg", str(error))
        raise WorkspaceError(
            f"{path}:{where}: this can't be read as Python ({said}). Expected mistakes only in what you "
            f"catch up on. Mend that line, {_AGAIN}"
        ) from None


def _readable(path: str, text: str, names: Collection[str]) -> str:
    """Return a file that can be parsed, if need be with `pass` in place of the bodies to be replaced."""
    try:
        ast.parse(text)
        return text
    except (SyntaxError, ValueError):
        lines = text.split("\n")
        for name in names:
            found = _scanned(lines, name.split("."))
            if found:
                start, end, indent = found
                lines[start:end] = [f"{indent}pass"]
        return "\n".join(lines)


def _scanned(lines: Sequence[str], path: Sequence[str]) -> tuple[int, int, str] | None:
    """Return the lines of a function's body below its docstring, told by their indent, and that indent."""
    start, stop, indent = 0, len(lines), ""
    for name in path:
        kind = r"(?:async\s+)?def" if name == path[-1] else "class"
        opening = re.compile(rf"(\s*){kind}\s+{re.escape(name)}\b")
        opened = [(at, found[1]) for at in range(start, stop) if (found := opening.match(lines[at]))]
        if not opened:
            return None
        at, indent = opened[0]
        start = next((line + 1 for line in range(at, stop) if _ends_header(lines[line])), at + 1)
        stop = next((line for line in range(start, stop) if not _is_deeper(lines[line], indent)), stop)
    while stop > start and not lines[stop - 1].strip():
        stop -= 1
    inside = _indent(next((line for line in lines[start:stop] if line.strip()), f"{indent}    "))
    return _past_docstring(lines, start, stop), stop, inside


def _ends_header(line: str) -> bool:
    return line.partition("#")[0].rstrip().endswith(":")


def _is_deeper(line: str, indent: str) -> bool:
    return not line.strip() or (line.startswith(indent) and line[len(indent)].isspace())


def _past_docstring(lines: Sequence[str], start: int, stop: int) -> int:
    opened = re.match(r"\s*[rR]?(\"\"\"|''')", lines[start]) if start < stop else None
    if not opened:
        return start
    if lines[start].count(opened[1]) > 1:
        return start + 1
    return next((at + 1 for at in range(start + 1, stop) if opened[1] in lines[at]), start)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _bindings(statements: Sequence[ast.stmt], owner: str) -> Iterator[tuple[str, str, ast.stmt]]:
    for statement in statements:
        for name in bound_names(statement):
            yield owner, name, statement
        if isinstance(statement, ast.ClassDef):
            yield from _bindings(statement.body, f"{owner}.{statement.name}" if owner else statement.name)


def _clashes(there: Mapping[tuple[str, str], ast.stmt], needed: Sequence[Needed]) -> Names:
    """Return other names for what the student has something else of that name for."""
    return {
        one.name: one.name + SUFFIX
        for one in needed
        if (one.owner, one.name) in there and not _same(one, there[one.owner, one.name])
    }


def _same(needed: Needed, node: ast.stmt) -> bool:
    """Tell whether a statement of the student's is, or imports, what is needed."""
    [wanted] = _piece(needed.text).body
    if isinstance(wanted, (ast.Import, ast.ImportFrom)) and isinstance(node, (ast.Import, ast.ImportFrom)):
        ours, theirs = (getattr(one, "module", None) for one in (wanted, node))
        dumped = [ast.dump(alias) for alias in node.names]
        return ours == theirs and ast.dump(wanted.names[0]) in dumped
    return ast.dump(wanted) == ast.dump(node)


def _piece(text: str) -> ast.Module:
    """Parse a piece of a file, which may be indented as a whole; its first line is line 1."""
    first = next(line for line in text.split("\n") if line.strip())
    if not first[0].isspace():
        return ast.parse(text)
    block = ast.parse(f"if 1:\n{text}").body[0]
    assert isinstance(block, ast.If)
    return ast.Module([ast.increment_lineno(one, -1) for one in block.body], [])


def _with_names(text: str, renamed: Names) -> str:
    for name, other in renamed.items():
        text = re.sub(rf"\b{re.escape(name)}\b", other, text)
    return text


def _body_edit(
    path: str, lines: Sequence[str], tree: ast.Module, solved: SolvedFunction, renamed: Names
) -> _Edit:
    """Return the edit that replaces a function's body; its signature and docstring stay."""
    alike = [function for name, _, function in named_functions(tree) if name == solved.name]
    if solved.position >= len(alike):
        raise WorkspaceError(
            f"{path}: there is no {solved.name} for the reference's body. Expected its `def` line, as it was "
            f"released. Write it back, {_AGAIN}"
        )
    text = _with_names(solved.text, renamed)
    piece, given = _piece(text), text.split("\n")
    [(_, _, reference), *_] = named_functions(piece)
    mine = alike[solved.position]
    here, there = _body(mine, lines), _body(reference, given)
    if here is None or there is None:  # one of them stands on a single line
        assert mine.end_lineno is not None
        new = _indent(lines[mine.lineno - 1])
        return _Edit(mine.lineno - 1, mine.end_lineno, _reindented(given, piece, _indent(given[0]), new))
    old, new = (_indent(of[one.body[0].lineno - 1]) for of, one in ((given, reference), (lines, mine)))
    return _Edit(*here, _reindented(given, piece, old, new)[slice(*there)])


def _body(function: Function, lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the lines below a function's docstring; None when they hold something else, too."""
    first, *others = function.body
    assert first.end_lineno is not None
    assert function.end_lineno is not None
    if first.lineno == function.lineno:
        return None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        shared = bool(others) and others[0].lineno == first.end_lineno
        return None if shared else (first.end_lineno, function.end_lineno)
    above = range(_first_line(first) - 2, function.lineno - 2, -1)
    start = next((at + 1 for at in above if _ends_header(lines[at])), None)
    return None if start is None else (start, function.end_lineno)


def _first_line(statement: ast.stmt) -> int:
    """Return where a statement begins, with its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    return int(min([statement.lineno, *(one.lineno for one in decorators)]))


def _reindented(lines: Sequence[str], piece: ast.Module, old: str, new: str) -> list[str]:
    """Return lines with another indent, but for those inside a string."""
    strings = [one for one in ast.walk(piece) if isinstance(one, (ast.Constant, ast.JoinedStr))]
    inside = {at for one in strings for at in range(one.lineno, one.end_lineno or one.lineno)}
    return [
        new + line.removeprefix(old) if line.startswith(old) and line.strip() and at not in inside else line
        for at, line in enumerate(lines)
    ]


def _import_edits(tree: ast.Module, imports: Sequence[Needed], renamed: Names) -> list[_Edit]:
    """Return the edit that adds imports below those at the top of the file."""
    top = 0
    for statement in tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_text and not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        top = statement.end_lineno or top
    lines = [
        f"{one.text.partition(' as ')[0]} as {renamed[one.name]}" if one.name in renamed else one.text
        for one in imports
    ]
    return [_Edit(top, top, lines)] if lines else []


def _helper_edit(
    lines: Sequence[str], tree: ast.Module, solved: SolvedFile, helper: Needed, renamed: Names
) -> _Edit:
    """Return the edit that adds a helper: a member behind the function that uses it, another one above."""
    text = _with_names(helper.text, renamed)
    prefix = f"{helper.owner}." if helper.owner else ""
    functions = {name: function for name, _, function in named_functions(tree)}
    wanted = [functions[one.name] for one in solved.functions if one.name.startswith(prefix)]
    if helper.owner and wanted:
        end, new = wanted[0].end_lineno or 0, _indent(lines[wanted[0].lineno - 1])
        given = text.split("\n")
        return _Edit(end, end, ["", *_reindented(given, _piece(text), _indent(given[0]), new)])
    user = min(functions[one.name].lineno for one in solved.functions)
    holder = next(one for one in tree.body if _first_line(one) <= user <= (one.end_lineno or 0))
    at = _first_line(holder) - 1
    while at > 0 and lines[at - 1].startswith("#"):
        at -= 1
    return _Edit(at, at, [*text.split("\n"), "", ""])
