"""Divide a C++ or CUDA file into the declarations that a release keeps or drops as a whole."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from grader.release.stubbing.cpp_headers import NAMES_OF_HEADER
from grader.release.stubbing.cpp_names import declared_name, scope_inside, text_of, used_names
from grader.release.stubbing.unused import Unit

_CONTAINERS = {
    "namespace_definition",
    "declaration_list",
    "linkage_specification",
    "preproc_if",
    "preproc_ifdef",
}
_BRANCHES = {"preproc_else", "preproc_elif", "preproc_elifdef"}
_TYPES = {"class_specifier", "struct_specifier", "union_specifier", "enum_specifier"}
_DIRECTIVES = {"preproc_def", "preproc_function_def"}


@dataclass(frozen=True)
class Part:
    name: str  # with its path of namespaces; <cmath> for an include; "" for what has no name
    node: Node
    unit: Unit


@dataclass(frozen=True)
class Partition:
    """How a file is divided: its parts depend on which bodies are replaced and what is to be omitted."""

    replaced: Collection[int]  # ids of the nodes that hold solutions
    symbols: Collection[str]  # what students implement: never dropped
    omit: Collection[str]
    is_header: bool  # then a constant or an alias is meant for others

    def parts(self, node: Node, scope: str = "", hidden: bool = False) -> Iterator[Part]:
        """Yield what a file or a namespace declares; in an anonymous one it is hidden from other files."""
        for child in node.named_children:
            if child.type in _CONTAINERS | _BRANCHES:
                anonymous = child.type == "namespace_definition" and not child.child_by_field_name("name")
                yield from self.parts(child, scope_inside(child, scope), hidden or anonymous)
            elif child.type != "comment" and child not in (
                _condition(node),
                node.child_by_field_name("name"),
            ):
                yield self._part(child, scope, hidden)

    def _part(self, node: Node, scope: str, hidden: bool) -> Part:
        names = _names(node)
        name = scope + names[0] if names else ""
        if node.type == "preproc_include":
            name = text_of(node.child_by_field_name("path") or node)
            names = sorted(NAMES_OF_HEADER.get(name.strip("<>"), ()))
        private = bool(names) and name not in self.symbols and (hidden or self._is_private(node))
        uses = frozenset() if node.type == "preproc_include" else used_names(node)
        after = uses if node.type == "preproc_include" else used_names(node, self.replaced)
        defines = frozenset(one.rpartition("::")[2] for one in names)
        return Part(name, node, Unit(defines, uses, after, private, name != "" and name in self.omit))

    def _is_private(self, node: Node) -> bool:
        if node.type == "template_declaration":
            node = node.named_children[-1]
        if node.type in ("preproc_include", "using_declaration"):
            return True
        if node.type in ("alias_declaration", "type_definition"):
            return not self.is_header
        words = {text_of(child) for child in node.children if child.type not in ("compound_statement",)}
        if node.type in ("function_definition", "declaration") and words & {
            "static",
            "__global__",
            "__device__",
        }:
            return True
        return node.type == "declaration" and not self.is_header and bool(words & {"const", "constexpr"})


def emptied(root: Node, gone: Collection[Node]) -> list[Node]:
    """Return the outermost of the nodes that go: a namespace or an #if that only held such goes with them."""
    found: list[Node] = []
    for child in root.named_children:
        if child in gone or _all_gone(child, gone):
            found.append(child)
        elif child.type in _CONTAINERS | _BRANCHES:
            found += emptied(child, gone)
    return found


def _all_gone(node: Node, gone: Collection[Node]) -> bool:
    if node.type not in _CONTAINERS | _BRANCHES:
        return False
    apart = (_condition(node), node.child_by_field_name("name"))
    inner = [child for child in node.named_children if child.type != "comment" and child not in apart]
    return bool(inner) and all(child in gone or _all_gone(child, gone) for child in inner)


def _condition(node: Node) -> Node | None:
    return node.child_by_field_name("condition")


def _names(node: Node) -> list[str]:
    if node.type == "template_declaration":
        return _names(node.named_children[-1])
    if node.type in ("function_definition", "declaration", "type_definition"):
        name = declared_name(node)
        return [name] if name else []
    if node.type in _TYPES | _DIRECTIVES | {"alias_declaration", "namespace_alias_definition"}:
        named = node.child_by_field_name("name")
        return [text_of(named)] if named is not None else []
    if node.type == "using_declaration" and not any(child.type == "namespace" for child in node.children):
        return ["".join(text_of(node.named_children[-1]).split())]
    return []
