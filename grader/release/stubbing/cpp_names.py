"""Read C++ and CUDA: the functions that a file defines, and the names that a piece of it uses."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import tree_sitter_cuda
from tree_sitter import Language, Node, Parser

_CUDA = Language(tree_sitter_cuda.language())
_WORD = re.compile(rb"[A-Za-z_]\w*")
_NAMES = {"identifier", "type_identifier", "field_identifier", "namespace_identifier", "operator_name"}
_RAW = {"preproc_arg", "ERROR"}  # text that the grammar leaves unread
_SCOPES = {"namespace_definition", "class_specifier", "struct_specifier", "union_specifier"}


@dataclass(frozen=True)
class Function:
    """A function's definition: its path of names, and the node."""

    name: str
    node: Node

    @property
    def on_device(self) -> bool:
        """Say whether it is compiled for the device, where nothing can be thrown."""
        return bool({"__global__", "__device__"} & {child.type for child in self.node.children})

    def solution(self) -> list[Node]:
        """Return the nodes that hold the solution: the body, and a constructor's initializers before it."""
        parts = ("compound_statement", "field_initializer_list", "try_statement")
        return [child for child in self.node.children if child.type in parts]


def parse(source: bytes) -> Node:
    return Parser(_CUDA).parse(source).root_node


def functions(node: Node, scope: str = "") -> Iterator[Function]:
    """Yield every function that is defined in a node, by its path of namespaces and classes."""
    if node.type == "function_definition":
        name = declared_name(node)
        if name and Function(name, node).solution():
            yield Function(scope + name, node)
        return
    for child in node.children:
        yield from functions(child, scope_inside(node, scope))


def scope_inside(node: Node, scope: str) -> str:
    """Return the scope that holds in a node's body. An anonymous namespace adds nothing."""
    name = node.child_by_field_name("name") if node.type in _SCOPES else None
    return f"{scope}{_plain(name)}::" if name is not None else scope


def declared_name(node: Node) -> str | None:
    """Return the name that a definition or declaration gives, qualified as it is written there."""
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        inner = declarator.child_by_field_name("declarator") or _wrapped(declarator)
        if inner is None:
            return _plain(declarator)
        declarator = inner
    return None


def _wrapped(declarator: Node) -> Node | None:
    """Return what a reference or a parenthesis holds: the grammar names no field there."""
    if declarator.type in ("reference_declarator", "parenthesized_declarator"):
        return declarator.named_children[0] if declarator.named_children else None
    return None


def _plain(name: Node) -> str:
    """Return a name without template arguments and spaces."""
    if name.type in ("template_function", "template_type", "template_method"):
        inner = name.child_by_field_name("name")
        return _plain(inner) if inner is not None else text_of(name)
    if name.type in ("qualified_identifier", "nested_namespace_specifier"):
        return "::".join(_plain(child) for child in name.named_children)
    return "".join(text_of(name).split())


def used_names(node: Node, without: Collection[int] = ()) -> frozenset[str]:
    """Return the names in a node, outside the nodes of these ids."""
    return frozenset(name for name, _ in name_places(node, without))


def name_places(node: Node, without: Collection[int] = ()) -> Iterator[tuple[str, int]]:
    """Yield each name in a node, and its line."""
    if node.id in without:
        return
    if node.type in _NAMES:
        yield text_of(node), node.start_point.row + 1
    elif node.type in _RAW:
        yield from ((word.decode(), node.start_point.row + 1) for word in _WORD.findall(node.text or b""))
    for child in node.children:
        yield from name_places(child, without)


def text_of(node: Node) -> str:
    return (node.text or b"").decode()
