"""Drop from glue the top-level imports of modules that no assignment has released so far."""

from collections.abc import Collection, Iterator

import libcst as cst

from grader.release.modules import Modules
from grader.release.stubbing.python_cut import cut
from grader.release.stubbing.python_names import imported_aliases


def cut_glue(path: str, source: str, modules: Modules, released: Collection[str]) -> str:
    """Return a glue file without the imports of the course's unreleased modules, and else unchanged."""
    module = cst.parse_module(source)
    unreleased = list(_unreleased(path, module, modules, released))
    return cut(module, unreleased).code if unreleased else source


def _unreleased(
    path: str, module: cst.Module, modules: Modules, released: Collection[str]
) -> Iterator[cst.CSTNode]:
    for statement in module.body:
        for alias in imported_aliases(statement) or _stars(statement):
            if not _needed(path, statement, alias, modules) <= set(released):
                yield alias if isinstance(alias, cst.ImportAlias) else statement


def _stars(statement: cst.CSTNode) -> list[cst.ImportStar]:
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    return (
        [small.names] if isinstance(small, cst.ImportFrom) and isinstance(small.names, cst.ImportStar) else []
    )


def _needed(
    path: str, statement: cst.CSTNode, alias: cst.ImportAlias | cst.ImportStar, modules: Modules
) -> set[str]:
    assert isinstance(statement, cst.SimpleStatementLine)
    small = statement.body[0]
    name = alias.evaluated_name if isinstance(alias, cst.ImportAlias) else None
    if isinstance(small, cst.ImportFrom):
        return modules.needed(path, _dotted(small.module), len(small.relative), name)
    return modules.needed(path, name, 0, None)


def _dotted(name: cst.Attribute | cst.Name | None) -> str | None:
    if isinstance(name, cst.Attribute):
        assert isinstance(name.value, cst.Attribute | cst.Name)
        return f"{_dotted(name.value)}.{name.attr.value}"
    return name.value if name is not None else None
