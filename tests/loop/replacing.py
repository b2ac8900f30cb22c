"""Put other code in the place of what a student implements, in the process that runs a question's cases."""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from grader.course.assignment import Assignment, Question, Symbol
from grader.grading.cases import Case, Outcome, run_case
from grader.grading.verdicts import judge, value_of

SEED = 7

Function = Callable[..., Any]


@dataclass(frozen=True)
class Target:
    """A function or method that a student implements, wherever it was imported."""

    symbol: str
    functions: list[FunctionType]
    is_method: bool

    def __str__(self) -> str:
        return self.symbol

    @property
    def arguments(self) -> int:
        """How many it takes, beside `self`."""
        return len(inspect.signature(self.functions[0]).parameters) - self.is_method

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


def _plain(*args: Any, **kwargs: Any) -> Any:
    return __pasted__(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _in_a_class(__class__: Any = None) -> Any:
    def with_super(*args: Any, **kwargs: Any) -> Any:
        __class__  # noqa: B018 - as in the methods that use super(): code is swapped only for its like
        return __pasted__(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821

    return with_super


def _code_like(function: FunctionType) -> CodeType:
    """Return code that calls `__pasted__`, and may take the place of a function's."""
    code: CodeType = (_in_a_class() if function.__code__.co_freevars else _plain).__code__
    return code


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


def run(case: Case) -> Outcome:
    return run_case(case, SEED)


@functools.cache
def _expected(case: Case) -> Outcome:
    return run(case)


def equal(case: Case, outcome: Outcome) -> bool:
    """Tell whether a case came out as it does with the reference."""
    if outcome.raised:
        return False
    right = _expected(case)
    expected, found = (value_of(one.tree, one.arrays) for one in (right, outcome))
    return judge(expected, found, case.rules()).passed


def fails_without(missing: Sequence[Target], case: Case) -> bool:
    """Tell whether a case does not come out while these are not started."""
    _expected(case)
    with ExitStack() as stack:
        for target in missing:
            stack.enter_context(target.replaced(_not_started))
        return not equal(case, run(case))


def _not_started(*args: Any, **kwargs: Any) -> None:
    raise NotImplementedError
