"""Divide a Python file into the parts that a release keeps or drops as a whole."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from grader.release.stubbing.python_names import (
    assigned_names,
    bound_name,
    imported_aliases,
    is_private,
    names_used,
)
from grader.release.stubbing.unused import Unit


@dataclass(frozen=True)
class Part:
    """A statement, or one name of an import."""

    names: tuple[str, ...]  # qualified
    node: cst.CSTNode
    unit: Unit


@dataclass(frozen=True)
class Partition:
    """How a file is divided: its parts depend on which bodies are replaced and what is to be omitted."""

    replaced: frozenset[int]  # ids of the bodies with the solutions
    symbols: Collection[str]  # what students implement: never dropped
    omit: Collection[str]
    keep_imports: bool

    def parts(self, module: cst.Module) -> list[Part]:
        return [part for statement in module.body for part in self._parts(statement, "")]

    def _parts(self, statement: cst.CSTNode, owner: str) -> Iterator[Part]:
        """Yield the parts of one statement of the module, or of the class `owner`."""
        aliases = imported_aliases(statement)
        if aliases:
            yield from (self._import(statement, alias, owner) for alias in aliases)
        elif isinstance(statement, cst.ClassDef):
            yield from self._class(statement, owner)
        elif isinstance(statement, cst.If | cst.Try):
            yield self._branches(statement, owner)
        else:
            yield self._part(statement, owner, _defined(statement))

    def _import(self, statement: cst.CSTNode, alias: cst.ImportAlias, owner: str) -> Part:
        name = bound_name(alias)
        exported = (
            alias.asname is not None and alias.evaluated_name == name
        )  # `import a as a` says: mine to give
        future = isinstance(statement, cst.SimpleStatementLine) and _is_future(statement.body[0])
        drops = not (owner or exported or future or self.keep_imports)
        unit = Unit(frozenset([name]), frozenset(), frozenset(), drops, name in self.omit)
        return Part((name,), alias, unit)

    def _class(self, node: cst.ClassDef, owner: str) -> Iterator[Part]:
        inner = f"{owner}.{node.name.value}" if owner else node.name.value
        members = [part for member in node.body.body for part in self._parts(member, inner)]
        apart = [part for part in members if part.unit.removable or part.unit.omitted]
        yield self._part(node, owner, [node.name.value], [part.node for part in apart])
        yield from apart

    def _branches(self, node: cst.CSTNode, owner: str) -> Part:
        """Take an `if` or a `try` as one part, which may go when all that it holds may."""
        inner = [part for leaf in _leaves(node) for part in self._parts(leaf, owner)]
        droppable = bool(inner) and all(part.unit.removable or part.unit.omitted for part in inner)
        omitted = droppable and any(part.unit.omitted for part in inner)
        names = tuple(name for part in inner for name in part.names)
        defines = frozenset(name for part in inner for name in part.unit.defines)
        return Part(names, node, self._unit(node, defines, droppable, omitted))

    def _part(
        self, node: cst.CSTNode, owner: str, names: Sequence[str], apart: Sequence[cst.CSTNode] = ()
    ) -> Part:
        qualified = tuple(f"{owner}.{name}" if owner else name for name in names)
        removable = bool(names) and all(map(is_private, names)) and not set(qualified) & set(self.symbols)
        omitted = bool(names) and set(qualified) <= set(self.omit)
        defines = frozenset(use for name in names for use in _as_used(name, owner))
        return Part(qualified, node, self._unit(node, defines, removable, omitted, apart))

    def _unit(
        self,
        node: cst.CSTNode,
        defines: frozenset[str],
        removable: bool,
        omitted: bool,
        apart: Sequence[cst.CSTNode] = (),
    ) -> Unit:
        ids = {id(one) for one in apart}
        after = names_used(node, self.replaced | ids)
        return Unit(defines, names_used(node, ids), after, removable, omitted)


def _defined(statement: cst.CSTNode) -> list[str]:
    return [statement.name.value] if isinstance(statement, cst.FunctionDef) else assigned_names(statement)


def _as_used(name: str, owner: str) -> list[str]:
    """Return how other code names a definition. Others may share a public member's name."""
    if not owner:
        return [name]
    if is_private(name):
        return ["." + name]
    return [f"{holder}.{name}" for holder in ("self", "cls", owner.rpartition(".")[2])]


def _is_future(statement: cst.BaseSmallStatement) -> bool:
    module = statement.module if isinstance(statement, cst.ImportFrom) else None
    return isinstance(module, cst.Name) and module.value == "__future__"


def _leaves(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the statements in the branches of an `if` or a `try`."""
    for child in node.children:
        if isinstance(child, cst.IndentedBlock):
            yield from child.body
        elif isinstance(child, cst.If | cst.Else | cst.ExceptHandler | cst.Finally):
            yield from _leaves(child)
