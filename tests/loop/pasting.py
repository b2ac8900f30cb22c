"""Look for solutions in tests: `python pasting.py WORKSPACE HOMEWORK FILE...`, as a program of its own.

Each function in the files, with its arguments in any order, takes the place of each function and method
that a student implements, while all others stay solved. Prints, as JSON, which of them pass the question's
cases, and which of what a student implements no case needs.
"""

import ast
import inspect
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from grader.course.assignment import Assignment, Question, Symbol, load_assignment
from grader.grading.cases import Case, Outcome, load_cases, run_case
from grader.grading.verdicts import judge, value_of
from grader.running.importing import enter

SEED = 7
TIME_LIMIT = 5.0  # seconds for a case; the reference takes milliseconds

Function = Callable[..., Any]


@dataclass(frozen=True)
class Found:
    """A function of a file of tests."""

    name: str
    function: Function
    on_self: bool  # whether it is a method

    def orders(self, count: int) -> Iterator[tuple[int, ...]]:
        """Yield which of `count` arguments it may be given, beside `self`, in every order."""
        known = list(inspect.signature(self.function).parameters.values())[self.on_self :]
        required = sum(one.default is one.empty for one in known)
        for size in range(max(required, 1), min(len(known), count) + 1):
            yield from permutations(range(count), size)


@dataclass(frozen=True)
class Target:
    """A function or method that a student implements, wherever it was imported."""

    symbol: str
    functions: list[FunctionType]
    is_method: bool

    @contextmanager
    def replaced(self, body: Function) -> Iterator[None]:
        """Have other code in the very function objects, which other modules may have imported by name."""
        before = [function.__code__ for function in self.functions]
        for function in self.functions:
            function.__globals__["__pasted__"] = body
            function.__code__ = _code_like(function)
        try:
            yield
        finally:
            for function, code in zip(self.functions, before, strict=True):
                function.__code__ = code

    def calling(self, found: Found, order: tuple[int, ...]) -> Function:
        """Return a body that gives a found function some of the target's arguments."""
        signature = inspect.signature(self.functions[0])

        def body(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = list(bound.arguments.values())
            first, rest = given[: self.is_method], given[self.is_method :]
            return found.function(*(first if found.on_self else []), *(rest[at] for at in order))

        return body

    def orders(self, found: Found) -> Iterator[tuple[int, ...]]:
        if found.on_self <= self.is_method:
            yield from found.orders(len(inspect.signature(self.functions[0]).parameters) - self.is_method)


def _plain(*args: Any, **kwargs: Any) -> Any:
    return __pasted__(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _in_a_class(__class__: Any = None) -> FunctionType:
    def with_super(*args: Any, **kwargs: Any) -> Any:
        __class__  # noqa: B018 - as in the methods that use super(): code is swapped only for its like
        return __pasted__(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821

    return with_super


def _code_like(function: FunctionType) -> CodeType:
    """Return code that calls `__pasted__`, and may take the place of a function's."""
    return (_in_a_class() if function.__code__.co_freevars else _plain).__code__


def found_in(path: Path) -> Iterator[Found]:
    """Yield every function of a file that is no test, nested ones as if they stood alone."""
    namespace: dict[str, Any] = {"__name__": f"pasted_{path.stem}", "__file__": str(path)}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    exec(compile(tree, path, "exec"), namespace)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
            name, node.name, node.decorator_list = node.name, "__lifted__", []
            exec(compile(ast.Module([node], type_ignores=[]), path, "exec"), namespace)
            arguments = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            yield Found(name, namespace["__lifted__"], arguments[:1] == ["self"])


def targets(workspace: Path, assignment: Assignment, question: Question) -> Iterator[Target]:
    """Yield what a student implements for a question in Python: of a class, every method."""
    for symbol in assignment.symbols(question):
        if symbol.file.endswith(".py"):
            modules = _modules(workspace / symbol.file)
            for name in _names(modules[0], symbol):
                functions = [_function(module, name) for module in modules]
                yield Target(f"{symbol.file}::{name}", functions, "." in name)


def _names(module: ModuleType, symbol: Symbol) -> list[str]:
    found = _attribute(module, symbol.name)
    if not isinstance(found, type):
        return [symbol.name]
    methods = [name for name, one in vars(found).items() if isinstance(one, FunctionType)]
    return [f"{symbol.name}.{name}" for name in methods]


def _modules(path: Path) -> list[ModuleType]:
    """Return the modules that were imported from a file, under whatever names."""
    return [module for module in list(sys.modules.values()) if getattr(module, "__file__", None) == str(path)]


def _function(module: ModuleType, name: str) -> FunctionType:
    function = inspect.unwrap(_attribute(module, name))
    assert isinstance(function, FunctionType), f"{name} is {type(function)}"
    return function


def _attribute(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


class Search:
    """The search for one question's solutions."""

    def __init__(self, workspace: Path, assignment: Assignment, question: Question):
        self.cases = list(load_cases(assignment.case_file(question)).values())
        self.expected = {case.name: run_case(case, SEED) for case in self.cases}
        self.targets = list(targets(workspace, assignment, question))

    def deciding(self, target: Target) -> list[Case]:
        """Return the cases that need a target, those of a figure only if there is no other."""
        with target.replaced(_raising):
            needing = [case for case in self.cases if run_case(case, SEED).raised]
        return [case for case in needing if not case.figure] or needing

    def passing(self, target: Target, functions: list[Found]) -> Iterator[str]:
        """Yield the functions with which every case passes that needs the target."""
        cases = self.deciding(target)
        for found in functions:
            for order in target.orders(found):
                with target.replaced(target.calling(found, order)):
                    if cases and all(self._passes(case) for case in cases):
                        yield found.name

    def _passes(self, case: Case) -> bool:
        right = self.expected[case.name]
        with _time_limit():
            outcome = run_case(case, SEED)
        return not outcome.raised and _equal(right, outcome, case)


def _equal(right: Outcome, outcome: Outcome, case: Case) -> bool:
    expected, found = (value_of(one.tree, one.arrays) for one in (right, outcome))
    return judge(expected, found, case.rules()).passed


def _raising(*args: Any, **kwargs: Any) -> None:
    raise NotImplementedError


@contextmanager
def _time_limit() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


def main(root: str, homework: str, *files: str) -> None:
    workspace = Path(root)
    assignment = load_assignment(workspace / "assignments" / homework)
    enter(workspace, assignment)
    signal.signal(signal.SIGALRM, _stop)
    functions = [found for file in files for found in found_in(Path(file))]
    solved: dict[str, list[str]] = {}
    undecided: list[str] = []
    for question in assignment.questions:
        search = Search(workspace, assignment, question)
        for target in search.targets:
            solved[target.symbol] = sorted(set(search.passing(target, functions)))
            undecided += [] if search.deciding(target) else [target.symbol]
    print(json.dumps({"functions": len(functions), "solved": solved, "undecided": undecided}))


if __name__ == "__main__":
    main(*sys.argv[1:])
