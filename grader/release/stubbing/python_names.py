"""Read which names a piece of Python defines and uses."""

import re
from collections.abc import Collection, Iterator, Sequence

import libcst as cst

Definition = cst.FunctionDef | cst.ClassDef
_WORD = re.compile(r"[^\W\d]\w*")


def name_places(
    node: cst.CSTNode, without: Collection[int] = (), in_annotation: bool = False
) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield what a node uses, outside the nodes of these ids: `name`, `.attribute`, `owner.attribute`.

    A private name is taken for an attribute as well, and a string that is a name for both, so that nothing
    that is used is held for unused.
    """
    if id(node) in without or isinstance(node, cst.Import | cst.ImportFrom):
        return
    yield from ((name, node) for name in _names_at(node, in_annotation))
    in_annotation = in_annotation or isinstance(node, cst.Annotation)
    for part in _parts_with_names(node):
        yield from name_places(part, without, in_annotation)


def _names_at(node: cst.CSTNode, in_annotation: bool) -> list[str]:
    if isinstance(node, cst.Name):
        return [node.value, *(["." + node.value] if is_private(node.value) else [])]
    if isinstance(node, cst.Attribute):
        owner = [node.value.value] if isinstance(node.value, cst.Name) else []
        return [f"{name}.{node.attr.value}" for name in ["", *owner]]
    if isinstance(node, cst.SimpleString):
        text = node.raw_value
        words = _WORD.findall(text) if in_annotation else [text] if text.isidentifier() else []
        return [name for word in words for name in (word, "." + word)]
    return []


def _parts_with_names(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """Return the children, without those whose names define something or belong to what is called."""
    if isinstance(node, cst.Attribute | cst.Arg):
        return [node.value]
    if isinstance(node, cst.Param):
        return [part for part in (node.annotation, node.default) if isinstance(part, cst.CSTNode)]
    if isinstance(node, Definition):
        return [child for child in node.children if child is not node.name]
    return node.children


def names_used(node: cst.CSTNode, without: Collection[int] = ()) -> frozenset[str]:
    """Return the names that a node uses, outside the nodes of these ids."""
    return frozenset(name for name, _ in name_places(node, without))


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def definitions(module: cst.Module) -> dict[str, list[Definition]]:
    """Return every function and class by its qualified name, also those in `if` and `try`."""
    found: dict[str, list[Definition]] = {}
    for name, node in _definitions(module, ""):
        found.setdefault(name, []).append(node)
    return found


def _definitions(node: cst.CSTNode, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in node.children:
        if isinstance(child, Definition):
            name = prefix + child.name.value
            yield name, child
            yield from _definitions(child.body, name + ".")
        elif isinstance(
            child, cst.BaseCompoundStatement | cst.BaseSuite | cst.Else | cst.ExceptHandler | cst.Finally
        ):
            yield from _definitions(child, prefix)


def assigned_names(statement: cst.CSTNode) -> list[str]:
    """Return the names of `NAME = value`, `NAME: type = value`, `A, B = values`; [] for another."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return []
    small = statement.body[0]
    targets: list[cst.BaseExpression] = []
    if isinstance(small, cst.Assign):
        targets = [target.target for target in small.targets]
    elif isinstance(small, cst.AnnAssign):
        targets = [small.target]
    names = [name for target in targets for name in _target_names(target)]
    return [] if None in names else [name for name in names if name is not None]


def _target_names(target: cst.BaseExpression) -> list[str | None]:
    if isinstance(target, cst.Name):
        return [target.value]
    if isinstance(target, cst.Tuple):
        return [name for element in target.elements for name in _target_names(element.value)]
    return [None]


def imported_aliases(statement: cst.CSTNode) -> list[cst.ImportAlias]:
    """Return the names in a line that is an import; [] for any other statement, and for `import *`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return []
    small = statement.body[0]
    if not isinstance(small, cst.Import | cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
        return []
    return list(small.names)


def bound_name(alias: cst.ImportAlias) -> str:
    """Return the name that an import binds: `b` for `a as b`, `a` for `a.b`."""
    if alias.asname is not None:
        assert isinstance(alias.asname.name, cst.Name)
        return alias.asname.name.value
    node: cst.BaseExpression = alias.name
    while isinstance(node, cst.Attribute):
        node = node.value
    assert isinstance(node, cst.Name)
    return node.value


def methods(node: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    """Return the methods of a class and of the classes inside it."""
    for members in _members(node.body):
        if isinstance(members, cst.ClassDef):
            yield from methods(members)
        else:
            yield members


def _members(node: cst.CSTNode) -> Iterator[Definition]:
    for child in node.children:
        if isinstance(child, Definition):
            yield child
        elif not isinstance(child, cst.SimpleStatementLine):
            yield from _members(child)
