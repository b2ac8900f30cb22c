"""No function of any local test, with its arguments in any order, passes a question's graded cases."""

import ast
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.course.assignment import Assignment, load_assignment
from grader.grading.cases import Case, load_cases, run_case
from grader.grading.verdicts import judge, value_of

SEED = 7
ORACLES = {
    "softmax_loss": """
def the_mean(labels, logits):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels])
""",
    "softmax_regression_epoch": """
def stepped(weights, rows, labels, batch, lr):
    for at in range(0, len(rows), batch):
        x, y = rows[at : at + batch], labels[at : at + batch]
        p = np.exp(x @ weights)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        weights -= (lr / len(y) * x.T @ p).astype(np.float32)
""",
}


@pytest.fixture
def assignment(repository: Path) -> Assignment:
    return load_assignment(repository / "assignments" / "hw0")


@pytest.fixture
def modules(repository: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The reference in the place of hw0's Python module; nobody implements the C++ one."""
    spec = importlib.util.spec_from_file_location("simple_ml", repository / "reference/hw0/simple_ml.py")
    assert spec
    assert spec.loader
    simple_ml, extension = importlib.util.module_from_spec(spec), ModuleType("simple_ml_ext")
    spec.loader.exec_module(simple_ml)
    extension.softmax_regression_epoch_cpp = None  # type: ignore[attr-defined]
    found = {"simple_ml": simple_ml, "simple_ml_ext": extension}
    for name, module in found.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


def functions(text: str) -> Iterator[Callable[..., Any]]:
    """Yield every function of a test file that is no test, nested ones as if they stood alone."""
    tree = ast.parse(text)
    lifted = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_")
    ]
    for node in lifted:
        node.decorator_list = []
    kept = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    namespace: dict[str, Any] = {"__name__": "pasted"}
    exec(compile(ast.Module([*kept, *lifted], type_ignores=[]), "pasted", "exec"), namespace)
    yield from (namespace[node.name] for node in lifted)


def orders(function: Callable[..., Any], count: int) -> Iterator[tuple[int, ...]]:
    """Yield which of `count` arguments a function may be given, in every order."""
    known = inspect.signature(function).parameters.values()
    required = sum(one.default is one.empty for one in known)
    for size in range(max(required, 1), min(len(known), count) + 1):
        yield from permutations(range(count), size)


def passing(
    assignment: Assignment, simple_ml: ModuleType, name: str, found: list[Callable[..., Any]]
) -> list[str]:
    """Return the functions with which a question's cases all pass."""
    reference = getattr(simple_ml, name)
    signature = inspect.signature(reference)
    path = assignment.case_file(assignment.question(name))
    expected = {one.name: run_case(one, SEED) for one in load_cases(path).values()}

    def passes(case: Case) -> bool:
        outcome, right = run_case(case, SEED), expected[case.name]
        if outcome.raised:
            return False
        return judge(
            value_of(right.tree, right.arrays), value_of(outcome.tree, outcome.arrays), case.rules()
        ).passed

    trial: list[Any] = []

    def pasted(*args: Any, **kwargs: Any) -> Any:
        function, order = trial
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = list(bound.arguments.values())
        return function(*(given[at] for at in order))

    setattr(simple_ml, name, pasted)
    cases = [case for case in load_cases(path).values() if not case.figure]
    setattr(simple_ml, name, reference)
    solved = []
    for function in found:
        for order in orders(function, len(signature.parameters)):
            trial[:] = function, order
            if all(passes(case) for case in cases):
                solved.append(function.__name__)
    return solved


def python_questions(assignment: Assignment) -> list[str]:
    symbols = {one.id: assignment.symbols(one) for one in assignment.questions}
    return [name for name, [symbol] in symbols.items() if symbol.file.endswith(".py")]


def test_no_function_of_any_test_passes_the_cases_of_any_question(
    assignment: Assignment, modules: dict[str, ModuleType]
) -> None:
    files = [assignment.test_file(question) for question in assignment.questions]
    found = [function for file in files for function in functions(file.read_text())]
    assert len(found) > 10
    solved = {
        name: passing(assignment, modules["simple_ml"], name, found) for name in python_questions(assignment)
    }
    assert solved == {name: [] for name in solved}


@pytest.mark.parametrize("name", ORACLES)
def test_a_solution_in_a_test_under_any_name_and_order_of_arguments_is_noticed(
    assignment: Assignment, modules: dict[str, ModuleType], name: str
) -> None:
    """Planted in another question's test, as a function inside a test."""
    planted = "\n    ".join(["def test_planted():", *ORACLES[name].strip().splitlines()])
    text = assignment.test_file(assignment.question("parse_mnist")).read_text() + f"\n\n{planted}\n"
    found = list(functions("import numpy as np\n" + text))
    assert set(passing(assignment, modules["simple_ml"], name, found)) == {found[-1].__name__}
