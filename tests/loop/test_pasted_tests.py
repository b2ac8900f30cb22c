"""A shipped local test must not hold a solution: paste its functions into the stubs, and see none pass."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.assignment import Assignment, Question, Symbol
from grader.workspace.folder import Workspace


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield every function of a test file that is no test, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
            yield node


def _required(function: ast.FunctionDef) -> int:
    arguments = function.args
    return len(arguments.args) - len(arguments.defaults)


def _python_symbols(assignment: Assignment, question: Question) -> list[Symbol]:
    return [symbol for symbol in assignment.symbols(question) if symbol.file.endswith(".py")]


def _pasted(stub: str, symbol: Symbol, test_file: Path, pasted: str) -> str | None:
    """Return the stub's file with `symbol` calling the pasted function; None if the arguments differ."""
    tree, test = ast.parse(stub), ast.parse(test_file.read_text())
    [function] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == symbol.name
    ]
    [found] = [node for node in ast.walk(test) if isinstance(node, ast.FunctionDef) and node.name == pasted][
        :1
    ]
    if not _required(found) <= len(function.args.args) <= len(found.args.args):
        return None
    found.name, found.decorator_list = "pasted", []
    names = ", ".join(argument.arg for argument in function.args.args)
    function.body = [*ast.parse(f"return pasted({names})").body]
    kept = [
        node for node in test.body if not _is_test(node) and not _imports_from(node, Path(symbol.file).stem)
    ]
    lines = [ast.unparse(ast.Module([*kept, found, *tree.body], type_ignores=[]))]
    return "\n".join(lines)


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name.lower().startswith("test")


def _imports_from(node: ast.stmt, module: str) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == module


def _passes(workspace: Workspace, question: Question, results: Path) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--hw",
        "hw0",
        "--question",
        question.id,
        "--json",
        str(results),
    ]
    subprocess.run(command, cwd=workspace.root, capture_output=True, check=False)
    [said] = [one["extra_data"] for one in json.loads(results.read_text())["tests"]]
    return bool(said["passed"] == said["total"])


def test_no_function_of_a_test_file_solves_its_question(untouched: Workspace, tmp_path: Path) -> None:
    assignment = untouched.assignment("hw0")
    solved = []
    for question in assignment.questions:
        for symbol in _python_symbols(assignment, question):
            path = untouched.root / symbol.file
            stub = path.read_text()
            test_file = assignment.test_file(question)
            for function in _functions(test_file):
                text = _pasted(stub, symbol, test_file, function.name)
                if text is None:
                    continue
                path.write_text(text)
                if _passes(untouched, question, tmp_path / "results.json"):
                    solved.append((question.id, function.name))
            path.write_text(stub)
    assert solved == []


def test_a_pasted_solution_would_be_noticed(untouched: Workspace, repository: Path, tmp_path: Path) -> None:
    """The search above finds what it looks for: with the reference in a test's place, the question passes."""
    assignment = untouched.assignment("hw0")
    question = assignment.question("softmax_loss")
    [symbol] = _python_symbols(assignment, question)
    path = untouched.root / symbol.file
    stub = path.read_text()
    text = _pasted(stub, symbol, repository / "reference" / symbol.file, "softmax_loss")
    assert text is not None
    path.write_text(text)
    assert _passes(untouched, question, tmp_path / "results.json")
    path.write_text(stub)


@pytest.fixture(autouse=True)
def _restored(untouched: Workspace) -> Iterator[None]:
    """Put the stub's file back whatever happens."""
    path = untouched.root / "hw0" / "simple_ml.py"
    stub = path.read_text()
    yield
    path.write_text(stub)
