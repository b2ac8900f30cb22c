"""What a Python file of the reference and its released twin define, read with `ast`."""

import ast
from collections.abc import Iterator

from release_readings import Reading


def functions(
    tree: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        name = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else prefix
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from functions(node, name)


def marker_of(name: str, questions: dict[str, str]) -> str | None:
    """Return the marker that a function should raise: its own, or that of its class."""
    return next((said for symbol, said in questions.items() if f"{name}.".startswith(f"{symbol}.")), None)


def body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def statements(tree: ast.Module, owner: str = "") -> Iterator[tuple[str, ast.stmt, list[ast.stmt]]]:
    """Yield what a module and its classes define: the name, the node, and the nodes beside it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield owner + node.name, node, tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield owner + node.targets[0].id, node, tree.body
        if isinstance(node, ast.ClassDef):
            yield from statements(ast.Module(node.body, []), f"{owner}{node.name}.")


def lines_of(node: ast.stmt, source: list[str]) -> set[int]:
    """Return a definition's lines, with decorators and the comments right above."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    while first > 1 and source[first - 2].lstrip().startswith("#"):
        first -= 1
    return set(range(first, (node.end_lineno or first) + 1))


def gone(reading: Reading) -> dict[str, ast.stmt]:
    """Return the definitions that the release lacks."""
    kept = {name for name, _, _ in statements(ast.parse(reading.released))}
    return {name: node for name, node, _ in statements(ast.parse(reading.solved)) if name not in kept}
