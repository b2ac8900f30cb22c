"""Look for solutions in tests: `python pasting.py WORKSPACE HOMEWORK FILE...`, as a program of its own.

Each function in the files, with its arguments in any order, takes the place of each function and method
that a student implements, while all others stay solved. Prints, as JSON, which of them pass every case of
the question that needs the one replaced.
"""

import ast
import inspect
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from types import FrameType
from typing import Any

from replacing import Function, Target, equal, fails_without, run, targets

from grader.course.assignment import Assignment, Question, load_assignment
from grader.grading.cases import Case, load_cases
from grader.running.importing import enter

MOST_ARGUMENTS = 5  # in any order
TIME_LIMIT = 5.0  # seconds for a case; the reference takes milliseconds


@dataclass(frozen=True)
class Found:
    """A function of a file of tests."""

    name: str
    function: Function
    on_self: bool  # whether it is a method

    def orders(self, target: Target) -> Iterator[tuple[int, ...]]:
        """Yield which of a target's arguments it may be given, beside `self`, in every order.

        Of many arguments, which have thousands of orders, only the first ones, as they stand.
        """
        known = list(inspect.signature(self.function).parameters.values())[self.on_self :]
        required = sum(one.default is one.empty for one in known)
        if target.is_method or not self.on_self:
            for size in range(max(required, 1), min(len(known), target.arguments) + 1):
                if target.arguments > MOST_ARGUMENTS:
                    yield tuple(range(size))
                else:
                    yield from permutations(range(target.arguments), size)

    def as_body(self, target: Target, order: tuple[int, ...]) -> Function:
        """Return a body for the target that calls this with some of its arguments."""
        signature = inspect.signature(target.functions[0])

        def body(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = list(bound.arguments.values())
            first, rest = given[: target.is_method], given[target.is_method :]
            return self.function(*(first if self.on_self else []), *(rest[at] for at in order))

        return body


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


def solutions(
    workspace: Path, assignment: Assignment, question: Question, functions: list[Found]
) -> Iterator[tuple[str, str]]:
    """Yield what is solved by one of the functions, and that one's name."""
    cases = list(load_cases(assignment.case_file(question)).values())
    for target in targets(workspace, assignment, question):
        needing = [case for case in cases if fails_without([target], case)]
        deciding = [case for case in needing if not case.figure] or needing
        for found in functions:
            if any(_passes(target, found, order, deciding) for order in found.orders(target)):
                yield str(target), found.name


def _passes(target: Target, found: Found, order: tuple[int, ...], cases: list[Case]) -> bool:
    with target.replaced(found.as_body(target, order)):
        return bool(cases) and all(_comes_out(case) for case in cases)


def _comes_out(case: Case) -> bool:
    with _time_limit():
        return equal(case, run(case))


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
    solved = [
        one for each in assignment.questions for one in solutions(workspace, assignment, each, functions)
    ]
    print(json.dumps({"functions": len(functions), "solved": solved}))


if __name__ == "__main__":
    main(*sys.argv[1:])
