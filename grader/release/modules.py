"""Resolve imports between the course's own Python files, by their paths in a workspace."""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Modules:
    """The course's Python files, and the folders in which the imports of each are searched."""

    paths: Collection[str]
    roots_of: Callable[[str], Collection[str]]

    def needed(self, importer: str, module: str | None, level: int, name: str | None) -> set[str]:
        """Return the course's files that `from module import name` runs, packages included.

        `import module` has no name; `from . import name` has no module and level 1. A name that is no module
        of its own adds nothing.
        """
        parts = module.split(".") if module else []
        asked = [parts[:length] for length in range(1, len(parts) + 1)]
        asked += [[]] if level and not parts else []
        asked += [[*parts, name]] if name and name != "*" else []
        found: set[str] = set()
        for root in self._starts(importer, level):
            for one in asked:
                places = ("/".join([*root, *one]) + ".py", "/".join([*root, *one, "__init__.py"]))
                found |= {path for path in places if path in self.paths}
        return found - {importer}

    def _starts(self, importer: str, level: int) -> Iterable[Sequence[str]]:
        """Return the folders, as their names, in which a search begins."""
        if not level:
            return [PurePosixPath(root).parts for root in self.roots_of(importer)]
        return [PurePosixPath(importer).parts[:-level]] if level <= importer.count("/") + 1 else []


@dataclass(frozen=True)
class Import:
    """One name that an import statement asks for."""

    line: int
    text: str
    module: str | None
    level: int
    name: str | None
    bound: str  # the name under which the file has it


@dataclass(frozen=True)
class Mentions:
    """What a text asks for by name, at any depth."""

    imports: list[Import]
    attributes: set[tuple[str, str]]  # of what, such as `nn.init` ("" for a value without a name), and which


@cache
def mentions(text: str) -> Mentions:
    """Read a Python text. Raises: SyntaxError."""
    said = Mentions([], set())
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            said.attributes.add((_dotted(node.value), node.attr))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            said.imports.extend(_imports(node))
    return said


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    text = ast.unparse(node)
    for one in node.names:
        bound = one.asname or one.name
        if isinstance(node, ast.Import):
            yield Import(node.lineno, text, one.name, 0, None, bound)
        else:
            yield Import(node.lineno, text, node.module, node.level, one.name, bound)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return node.id if isinstance(node, ast.Name) else ""


@dataclass(frozen=True)
class Uses:
    """What a file uses of the course's other files: by name, and as modules whose attributes it names."""

    names: list[tuple[set[str], str]]  # the files, and the name that is imported from them
    modules: list[tuple[set[str], str]]  # the files, and the name under which they are imported
    attributes: set[tuple[str, str]]  # of what, and which

    @classmethod
    def of(cls, importer: str, said: Mentions, modules: Modules) -> "Uses":
        """Resolve what a file imports."""
        uses = cls([], [], said.attributes)
        for one in said.imports:
            needed = modules.needed(importer, one.module, one.level, one.name)
            if one.name is not None:
                base = modules.needed(importer, one.module, one.level, None)
                uses.names.append((base, one.name))
                needed -= base
            uses.modules.append((needed, one.bound))
        return uses

    def names_of(self, target: str) -> set[str]:
        """Return the names that it uses of a file: those it imports, and attributes of it as a module."""
        found = {name for files, name in self.names if target in files}
        holders = {name for files, name in self.modules if target in files}
        return found | {name for owner, name in self.attributes if name.startswith("_") or owner in holders}
