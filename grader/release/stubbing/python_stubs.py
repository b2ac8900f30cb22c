"""Turn a solved Python file into one with stubs, and take out what only the solution used."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from grader.course.assignment import MARKER
from grader.release.stubbing.python_cut import Cutter, Node
from grader.release.stubbing.python_names import Definition, definitions, methods, name_places
from grader.release.stubbing.python_parts import Part, Partition
from grader.release.stubbing.stubbed import Place, Stubbed, Taken
from grader.release.stubbing.unused import unneeded

Bodies = dict[cst.FunctionDef, str]  # the functions whose bodies are replaced, and the question of each


def stub_python(
    source: str,
    questions: Mapping[str, str],
    omit: Collection[str] = (),
    kept: Collection[str] = (),
    is_package: bool = False,
) -> Stubbed:
    """Replace the bodies of the named functions, methods and classes, and drop what only they used.

    `questions` gives for each qualified name the question, such as `hw0/add`; `kept` are names that other
    files use from this one. The imports of a package's `__init__.py` are its public face and stay.
    """
    module = cst.parse_module(source)
    index = definitions(module)
    found = {name: list(_functions(index.get(name, ()))) for name in questions}
    bodies = {function: questions[name] for name, functions in found.items() for function in functions}
    divide = Partition(frozenset(id(function.body) for function in bodies), questions, omit, is_package)
    parts = divide.parts(module)
    gone = unneeded([part.unit for part in parts], {*kept, *("." + name for name in kept)})
    report = _Report(module, bodies, [part for at, part in enumerate(parts) if at not in gone])
    removed = [parts[at] for at in sorted(gone)]
    named = {name for part in parts for name in part.names}
    return Stubbed(
        module.visit(_Stubber(bodies, [part.node for part in removed])).code,
        taken=[*report.bodies(), *report.removed(removed)],
        missing=[name for name in questions if not found[name]]
        + [name for name in omit if name not in named],
        still_used=list(report.still_used()),
    )


def _functions(nodes: Sequence[Definition]) -> Iterator[cst.FunctionDef]:
    """Yield the functions whose bodies a symbol means: of a class, every method."""
    for node in nodes:
        functions = [node] if isinstance(node, cst.FunctionDef) else methods(node)
        yield from (function for function in functions if not _is_overload(function))


def _is_overload(function: cst.FunctionDef) -> bool:
    names = [decorator.decorator for decorator in function.decorators]
    last = [name.attr if isinstance(name, cst.Attribute) else name for name in names]
    return any(isinstance(name, cst.Name) and name.value == "overload" for name in last)


class _Stubber(Cutter):
    """Replace bodies and cut parts in one walk, which tells nodes by identity."""

    def __init__(self, bodies: Bodies, removed: Collection[cst.CSTNode]):
        super().__init__(removed)
        self._bodies = bodies

    def on_leave(self, original_node: Node, updated_node: Node) -> Node:
        node = super().on_leave(original_node, updated_node)
        if isinstance(original_node, cst.FunctionDef) and original_node in self._bodies:
            return node.with_changes(body=_stub_body(original_node.body, self._bodies[original_node]))
        return node


def _stub_body(body: cst.BaseSuite, question: str) -> cst.IndentedBlock:
    marker = cst.parse_statement(f'raise NotImplementedError("{MARKER}{question}")')
    first = _docstring(body)
    statements = [marker] if first is None else [cst.SimpleStatementLine([first]), marker]
    if isinstance(body, cst.IndentedBlock):
        return body.with_changes(body=statements, footer=())
    return cst.IndentedBlock(statements)


def _docstring(body: cst.BaseSuite) -> cst.Expr | None:
    first: cst.CSTNode | None = body.body[0] if body.body else None
    if isinstance(first, cst.SimpleStatementLine):
        first = first.body[0]
    if isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString):
        return first.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return None


class _Report:
    """Say where in the reference something stands."""

    def __init__(self, module: cst.Module, bodies: Bodies, staying: Sequence[Part]):
        self._module, self._bodies, self._staying = module, bodies, staying
        self._places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)

    def bodies(self) -> list[Taken]:
        return [Taken(node.name.value, self._line(node), self._solution(node.body)) for node in self._bodies]

    def removed(self, parts: Sequence[Part]) -> list[Taken]:
        return [
            Taken(part.names[0], self._line(part.node), self._module.code_for_node(part.node))
            for part in parts
        ]

    def still_used(self) -> list[Place]:
        return [Place(part.names[0], self._line_of_use(part)) for part in self._staying if part.unit.omitted]

    def _solution(self, body: cst.BaseSuite) -> str:
        statements = body.body[1:] if _docstring(body) else body.body
        return "".join(self._module.code_for_node(statement) for statement in statements)

    def _line_of_use(self, part: Part) -> int:
        """Return the first line of what remains that names the part."""
        apart = {id(part.node), *(id(function.body) for function in self._bodies)}
        lines = [
            self._line(node)
            for other in self._staying
            for name, node in name_places(other.node, apart)
            if name in part.unit.defines
        ]
        return min(lines, default=self._line(part.node))

    def _line(self, node: cst.CSTNode) -> int:
        return self._places[node].start.line
