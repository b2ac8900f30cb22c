"""Read from a solved Python file the functions of a question, and what they use that its stubs lack.

Both texts are read by `ast`, so that nothing here depends on how the stubs were made.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.course.solution import Needed, SolvedFile, SolvedFunction
from grader.running.python_names import bound_names, named_functions


@dataclass(frozen=True)
class _Gone:
    """Something of the reference that the stubs lack."""

    names: tuple[str, ...]
    uses: frozenset[str]
    needed: Needed
    imported: bool


class PythonSolutions:
    def __init__(self, reference: str, stubs: str):
        self._lines = reference.split("\n")
        tree, stubbed = ast.parse(reference), ast.parse(stubs)
        kept = {name for name, _, _ in named_functions(stubbed)}
        self._functions = [one for one in named_functions(tree) if one[0] in kept]
        self._gone = list(self._missing(tree.body, stubbed.body, ""))

    def of(self, names: Collection[str]) -> SolvedFile:
        """Return the solution of these functions, methods and classes; of a class, every method."""
        wanted = [
            (name, at, function)
            for name, at, function in self._functions
            if any(name == one or name.startswith(f"{one}.") for one in names)
        ]
        gone = self._needed_by({use for _, _, function in wanted for use in _uses(function)})
        functions = [
            SolvedFunction(name=name, position=at, text=self._text(function.lineno, function))
            for name, at, function in wanted
        ]
        return SolvedFile(
            functions=functions,
            helpers=[one.needed for one in gone if not one.imported],
            imports=[one.needed for one in gone if one.imported],
        )

    def _needed_by(self, uses: set[str]) -> list[_Gone]:
        """Return what these uses reach, in the order of the file."""
        found: set[int] = set()
        while True:
            more = {
                at for at, one in enumerate(self._gone) if at not in found and not uses.isdisjoint(one.names)
            }
            if not more:
                return [self._gone[at] for at in sorted(found)]
            found |= more
            uses = uses.union(*(self._gone[at].uses for at in more))

    def _missing(
        self, reference: Sequence[ast.stmt], stubs: Sequence[ast.stmt], owner: str
    ) -> Iterator[_Gone]:
        kept = {name for statement in stubs for name in bound_names(statement)}
        classes = {one.name: one for one in stubs if isinstance(one, ast.ClassDef)}
        for statement in reference:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                yield from self._missing_imports(statement, kept)
            elif isinstance(statement, ast.ClassDef) and statement.name in classes:
                inner = f"{owner}.{statement.name}" if owner else statement.name
                yield from self._missing(statement.body, classes[statement.name].body, inner)
            elif (names := bound_names(statement)) and kept.isdisjoint(names):
                text = self._text(self._first_line(statement), statement)
                needed = Needed(name=names[0], text=text, owner=owner)
                yield _Gone(tuple(names), frozenset(_uses(statement)), needed, False)

    def _missing_imports(self, statement: ast.Import | ast.ImportFrom, kept: set[str]) -> Iterator[_Gone]:
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name not in kept and alias.name != "*":
                text = _import_of(statement, alias)
                yield _Gone((name,), frozenset(), Needed(name=name, text=text), True)

    def _first_line(self, statement: ast.stmt) -> int:
        """Return where a statement begins, with its decorators and the comments right above it."""
        decorators = getattr(statement, "decorator_list", [])
        first: int = min([statement.lineno, *(one.lineno for one in decorators)])
        while first > 1 and self._lines[first - 2].lstrip().startswith("#"):
            first -= 1
        return first

    def _text(self, first: int, statement: ast.stmt) -> str:
        assert statement.end_lineno is not None
        return "\n".join(self._lines[first - 1 : statement.end_lineno])


def _import_of(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """Return an import of one name only."""
    bound = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
    if isinstance(statement, ast.Import):
        return f"import {bound}"
    return f"from {'.' * statement.level}{statement.module or ''} import {bound}"


def _uses(node: ast.AST) -> Iterator[str]:
    """Yield the names and attributes that a node uses; a string that is a name may stand for one."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute):
            yield one.attr
        elif isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.isidentifier():
            yield one.value
