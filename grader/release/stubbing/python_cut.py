"""Take statements and imported names out of a Python file, with the comments attached to them."""

from collections.abc import Collection, Sequence
from typing import TypeVar, cast

import libcst as cst

from grader.release.stubbing.python_names import imported_aliases

Node = TypeVar("Node", bound=cst.CSTNode)
Block = cst.Module | cst.IndentedBlock


class Cutter(cst.CSTTransformer):
    """Remove the nodes given by identity; what stays keeps its text, and the blank lines around stay tidy."""

    def __init__(self, removed: Collection[cst.CSTNode]):
        super().__init__()
        self._removed = {id(node) for node in removed}

    def on_leave(self, original_node: Node, updated_node: Node) -> Node:
        old, new = original_node, updated_node
        if isinstance(old, cst.Module | cst.IndentedBlock):
            assert isinstance(new, cst.Module | cst.IndentedBlock)
            return cast(Node, self._without(old, new))
        if imported_aliases(old):
            return cast(Node, self._narrowed(old, new))
        return new

    def _goes(self, statement: cst.CSTNode) -> bool:
        parts: Sequence[cst.CSTNode] = imported_aliases(statement) or [statement]
        return id(statement) in self._removed or all(id(part) in self._removed for part in parts)

    def _narrowed(self, old: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
        """Leave out names of `from m import a, b`; a line that has none left goes as a whole, later."""
        before, after = imported_aliases(old), imported_aliases(new)
        names = [alias for was, alias in zip(before, after, strict=True) if id(was) not in self._removed]
        if not names or len(names) == len(before):
            return new
        names[-1] = names[-1].with_changes(comma=_last_comma(names[-1].comma, after[-1].comma))
        assert isinstance(new, cst.SimpleStatementLine)
        return new.with_changes(body=[new.body[0].with_changes(names=names)])

    def _without(self, old: Block, new: Block) -> Block:
        body: list[cst.CSTNode] = []
        left_over: list[cst.EmptyLine] = []  # blank lines and detached comments of what went
        opens = not (isinstance(new, cst.Module) and new.header)
        for before, statement in zip(old.body, new.body, strict=True):
            lines = _leading(statement)
            if self._goes(before):
                left_over = _joined(left_over, _detached(lines))
                continue
            lines = _joined(left_over, lines)
            if opens and not body and statement is not new.body[0]:
                lines = _stripped(lines)  # a block doesn't open with a blank line
            body.append(statement.with_changes(leading_lines=lines))
            left_over = []
        if len(body) == len(old.body):
            return new
        if not body and isinstance(new, cst.IndentedBlock):
            body.append(cst.parse_statement("pass"))
        footer = [*_without_last_blanks(left_over), *new.footer]
        return new.with_changes(body=body, footer=footer)


def cut(module: cst.Module, removed: Collection[cst.CSTNode]) -> cst.Module:
    """Return the module without these statements and import aliases."""
    return module.visit(Cutter(removed))


Comma = cst.Comma | cst.MaybeSentinel


def _last_comma(own: Comma, last: Comma) -> Comma:
    """Return the comma of a name that became the last: laid out as the last one's, with its own comment."""
    if not isinstance(own, cst.Comma) or not isinstance(last, cst.Comma):
        return last
    after, closing = own.whitespace_after, last.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace) and isinstance(closing, cst.ParenthesizedWhitespace):
        closing = closing.with_changes(first_line=after.first_line)
    return last.with_changes(whitespace_after=closing)


def _leading(statement: cst.CSTNode) -> list[cst.EmptyLine]:
    return list(getattr(statement, "leading_lines", ()))


def _detached(lines: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Return the lines down to the last blank one: a comment below it belongs to the statement."""
    blanks = [at for at, line in enumerate(lines) if line.comment is None]
    return lines[: blanks[-1] + 1] if blanks else []


def _without_last_blanks(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    kept = list(lines)
    while kept and kept[-1].comment is None:
        kept.pop()
    return kept


def _stripped(lines: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    while lines and lines[0].comment is None:
        lines = lines[1:]
    return lines


def _joined(above: list[cst.EmptyLine], below: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Join two runs of lines; where they meet, the larger gap stays."""
    head, tail = _without_last_blanks(above), _stripped(below)
    gap = max(above[len(head) :], below[: len(below) - len(tail)], key=len)
    return [*head, *gap, *tail]
