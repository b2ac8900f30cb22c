"""Read with `ast` what a Python file defines: functions by qualified name, and what a statement binds."""

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def named_functions(tree: ast.Module) -> list[tuple[str, int, Function]]:
    """Return every function and method with its qualified name, and which of those of that name it is."""
    counts: dict[str, int] = {}
    found = []
    for name, function in _functions(tree, ""):
        found.append((name, counts.get(name, 0), function))
        counts[name] = counts.get(name, 0) + 1
    return found


def _functions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not _is_overload(node):
                yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
            yield from _functions(node, prefix)


def _is_overload(function: Function) -> bool:
    last = [one.attr if isinstance(one, ast.Attribute) else one for one in function.decorator_list]
    return any(one == "overload" or (isinstance(one, ast.Name) and one.id == "overload") for one in last)


def bound_names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds in its module or class, also in the branches of an `if`."""
    if isinstance(statement, _DEFINITIONS):
        return [statement.name]
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, (ast.If, ast.Try, ast.With)):
        return [name for one in _statements(statement) for name in bound_names(one)]
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return []


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler):
            yield from child.body
