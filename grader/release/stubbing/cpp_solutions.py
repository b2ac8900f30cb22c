"""Read from a solved C++ or CUDA file the functions of a question, and what they use that its stubs lack."""

from collections.abc import Collection

from tree_sitter import Node

from grader.course.solution import Needed, SolvedFile, SolvedFunction
from grader.release.stubbing.cpp_cut import cuts
from grader.release.stubbing.cpp_names import Function, functions, parse, used_names
from grader.release.stubbing.cpp_parts import Part, Partition
from grader.release.stubbing.cpp_stubs import HEADERS
from grader.release.stubbing.unused import unneeded


class CppSolutions:
    def __init__(self, source: str, symbols: Collection[str], omit: Collection[str], suffix: str):
        self._data = source.encode()
        root = parse(self._data)
        self._functions = [one for one in functions(root) if one.name in symbols]
        solved = {node.id for function in self._functions for node in function.solution()}
        self._parts = list(Partition(solved, symbols, omit, suffix in HEADERS).parts(root))
        self._gone = unneeded([part.unit for part in self._parts])

    def of(self, names: Collection[str]) -> SolvedFile:
        """Return the solution of these functions, all overloads of each."""
        wanted = [function for function in self._functions if function.name in names]
        uses = {use for one in wanted for node in one.solution() for use in used_names(node)}
        needed = self._needed_by(uses)
        includes = [one for one in needed if one.node.type == "preproc_include"]
        return SolvedFile(
            functions=[self._solved(function) for function in wanted],
            helpers=[self._helper(one) for one in needed if one not in includes],
            imports=[Needed(name=one.name, text=f"#include {one.name}") for one in includes],
        )

    def _solved(self, function: Function) -> SolvedFunction:
        alike = [one for one in self._functions if one.name == function.name]
        text = self._data[function.node.start_byte : function.node.end_byte].decode()
        return SolvedFunction(name=function.name, position=alike.index(function), text=text)

    def _needed_by(self, uses: set[str]) -> list[Part]:
        """Return what these uses reach of the parts that are gone, in the order of the file."""
        found: set[int] = set()
        while True:
            more = {at for at in self._gone - found if not uses.isdisjoint(self._parts[at].unit.defines)}
            if not more:
                return [self._parts[at] for at in sorted(found)]
            found |= more
            uses = uses.union(*(self._parts[at].unit.before for at in more))

    def _helper(self, part: Part) -> Needed:
        [edit] = cuts(self._data, [part.node])
        text = self._data[edit.start : edit.end].decode().strip("\n")
        if _is_hidden(part.node):
            text = f"namespace {{\n\n{text}\n\n}}  // namespace"
        return Needed(name=part.name, text=text, before=self._next_function(part))

    def _next_function(self, part: Part) -> str:
        """Return the function that follows a part in the reference, and stays."""
        following = range(self._parts.index(part) + 1, len(self._parts))
        staying = (self._parts[at] for at in following if at not in self._gone)
        return next((one.name for one in staying if _is_function(one.node)), "")


def _is_hidden(node: Node) -> bool:
    """Tell whether a node stands in an anonymous namespace."""
    holder = node.parent.parent if node.parent is not None else None
    hidden = holder is not None and holder.type == "namespace_definition"
    return hidden and holder is not None and holder.child_by_field_name("name") is None


def _is_function(node: Node) -> bool:
    if node.type == "template_declaration":
        node = node.named_children[-1]
    return node.type == "function_definition"
