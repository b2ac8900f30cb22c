"""Turn a solved C++ or CUDA file into one with stubs, and take out what only the solution used."""

from collections.abc import Collection, Mapping

from tree_sitter import Node

from grader.course.assignment import MARKER
from grader.release.stubbing.cpp_cut import Edit, cuts, edited, insert_include
from grader.release.stubbing.cpp_names import Function, functions, name_places, parse, text_of
from grader.release.stubbing.cpp_parts import Part, Partition, emptied
from grader.release.stubbing.stubbed import Place, Stubbed, Taken
from grader.release.stubbing.unused import unneeded

SUFFIXES = (".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".hpp")
HEADERS = (".cuh", ".h", ".hpp")
_LINE = 110  # columns


def stub_cpp(
    source: str, questions: Mapping[str, str], omit: Collection[str] = (), suffix: str = ".cc"
) -> Stubbed:
    """Replace the bodies of the named functions (all overloads), and drop what only they used.

    `questions` gives for each name, with its namespaces and classes, the question, such as `hw0/add`. A host
    function throws the marker; one of the device, which can't, has an empty body.
    """
    data = source.encode()
    root = parse(data)
    targets = [function for function in functions(root) if function.name in questions]
    solutions = {node.id for function in targets for node in function.solution()}
    parts = list(Partition(solutions, questions, omit, suffix in HEADERS).parts(root))
    gone = unneeded([part.unit for part in parts])
    removed = [parts[at] for at in sorted(gone)]
    staying = [part for at, part in enumerate(parts) if at not in gone]
    edits = [_stub(data, function, questions[function.name]) for function in targets]
    edits += cuts(data, emptied(root, [part.node for part in removed]))
    text = edited(data, edits).decode()
    throws = any(not function.on_device for function in targets)
    return Stubbed(
        insert_include(text, "stdexcept") if throws else text,
        taken=_taken(targets, removed),
        missing=_missing(questions, targets)
        + [name for name in omit if name not in {part.name for part in parts}],
        still_used=[_first_use(part, staying, solutions) for part in staying if part.unit.omitted],
        unread=[Place(one.name, one.node.start_point.row + 1) for one in targets if one.node.has_error],
    )


def _stub(data: bytes, function: Function, question: str) -> Edit:
    """Replace what holds the solution; a body on one line stays on one, where that fits."""
    parts = function.solution()
    start, end = parts[0].start_byte, parts[-1].end_byte
    if function.on_device:
        return Edit(start, end, "{}")
    line = data[data.rfind(b"\n", 0, start) + 1 : start].decode()
    throw = f'throw std::logic_error("{MARKER}{question}");'
    if b"\n" not in data[start:end] and len(line) + len(throw) + 4 <= _LINE:
        return Edit(start, end, f"{{ {throw} }}")
    indent = _indent(data, function.node)
    return Edit(start, end, f"{{\n{indent}  {throw}\n{indent}}}")


def _indent(data: bytes, node: Node) -> str:
    line = data[data.rfind(b"\n", 0, node.start_byte) + 1 :].decode()
    return line[: len(line) - len(line.lstrip(" \t"))]


def _taken(targets: Collection[Function], removed: Collection[Part]) -> list[Taken]:
    bodies = [
        Taken(one.name, one.node.start_point.row + 1, "".join(text_of(node) for node in one.solution()))
        for one in targets
    ]
    return bodies + [Taken(part.name, part.node.start_point.row + 1, text_of(part.node)) for part in removed]


def _missing(questions: Mapping[str, str], targets: Collection[Function]) -> list[str]:
    found = {function.name for function in targets}
    return [name for name in questions if name not in found]


def _first_use(part: Part, staying: Collection[Part], solutions: Collection[int]) -> Place:
    lines = [
        line
        for other in staying
        if other is not part
        for name, line in name_places(other.node, solutions)
        if name in part.unit.defines
    ]
    return Place(part.name, min(lines, default=part.node.start_point.row + 1))
