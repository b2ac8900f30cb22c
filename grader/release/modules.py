"""Resolve imports between the course's own Python files, by their paths in a workspace."""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
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
        found: set[str] = set()
        for root in self._starts(importer, level):
            for length in range(1, len(parts) + 1):
                found |= self._file(root.joinpath(*parts[:length]))
            if level and not parts:
                found |= self._file(root)
            if name and name != "*":
                found |= self._file(root.joinpath(*parts, name))
        return found - {importer}

    def _starts(self, importer: str, level: int) -> Iterable[PurePosixPath]:
        if not level:
            return [PurePosixPath(root) for root in self.roots_of(importer)]
        return [PurePosixPath(importer).parents[level - 1]] if level <= importer.count("/") + 1 else []

    def _file(self, module: PurePosixPath) -> set[str]:
        places = (
            str(module.with_name(module.name + ".py")) if module.name else "",
            str(module / "__init__.py"),
        )
        return {path for path in places if path in self.paths}


@dataclass(frozen=True)
class Import:
    """One name that an import statement asks for."""

    line: int
    text: str
    module: str | None
    level: int
    name: str | None


def imports(tree: ast.AST) -> Iterator[Import]:
    """Yield every name that a file imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, ast.unparse(node), one.name, 0, None) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            text = ast.unparse(node)
            yield from (Import(node.lineno, text, node.module, node.level, one.name) for one in node.names)


@dataclass(frozen=True)
class Uses:
    """What a file uses of the course's other files: by name, and as modules whose attributes it names."""

    names: list[tuple[set[str], str]]  # the files, and the name that is imported from them
    modules: list[tuple[set[str], str]]  # the files, and the name under which they are imported
    attributes: list[tuple[str, str]]  # of what, and which

    @classmethod
    def of(cls, importer: str, tree: ast.AST, modules: Modules) -> "Uses":
        """Resolve a file's imports, at any depth."""
        uses = cls([], [], [])
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                uses.attributes.append((ast.unparse(node.value), node.attr))
            elif isinstance(node, ast.Import):
                for one in node.names:
                    needed = modules.needed(importer, one.name, 0, None)
                    uses.modules.append((needed, one.asname or one.name))
            elif isinstance(node, ast.ImportFrom):
                base = modules.needed(importer, node.module, node.level, None)
                for one in node.names:
                    needed = modules.needed(importer, node.module, node.level, one.name)
                    uses.names.append((base, one.name))
                    uses.modules.append((needed - base, one.asname or one.name))
        return uses

    def names_of(self, target: str) -> set[str]:
        """Return the names that it uses of a file: those it imports, and attributes of it as a module."""
        found = {name for files, name in self.names if target in files}
        holders = {name for files, name in self.modules if target in files}
        return found | {name for owner, name in self.attributes if name.startswith("_") or owner in holders}
