"""No function of any local test, with its arguments in any order, passes a question's graded cases."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shared_course import Workspaces

from grader.workspace.folder import Workspace

ORACLES = {
    "hw0/simple_ml.py::softmax_loss": """
def the_mean(labels, logits):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels])
""",
    "hw0/simple_ml.py::softmax_regression_epoch": """
def stepped(weights, rows, labels, batch, lr):
    for at in range(0, len(rows), batch):
        x, y = rows[at : at + batch], labels[at : at + batch]
        p = np.exp(x @ weights)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        weights -= (lr / len(y) * x.T @ p).astype(np.float32)
""",
}


def search(workspace: Workspace, homework: str, files: list[Path]) -> dict[str, Any]:
    """Return what pasting.py says of the functions in some files."""
    program = Path(__file__).with_name("pasting.py")
    command = [sys.executable, str(program), str(workspace.root), homework, *map(str, files)]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_no_function_of_any_test_passes_the_cases_of_any_question(
    homework: str, workspaces: Workspaces
) -> None:
    workspace = workspaces.solved(homework)
    assignment = workspace.assignment(homework)
    said = search(workspace, homework, [assignment.test_file(one) for one in assignment.questions])
    assert said["functions"] > 0
    assert said["solved"] == []


@pytest.mark.parametrize("symbol", ORACLES)
def test_a_solution_in_a_test_under_any_name_and_order_of_arguments_is_noticed(
    symbol: str, solved: Workspace, tmp_path: Path
) -> None:
    """Planted in another question's test, as a function inside a test."""
    assignment = solved.assignment("hw0")
    planted = "\n    ".join(["def test_planted():", *ORACLES[symbol].strip().splitlines()])
    path = tmp_path / "test_parse_mnist.py"
    path.write_text(assignment.test_file(assignment.question("parse_mnist")).read_text() + f"\n\n{planted}\n")
    name = planted.split("def ")[2].partition("(")[0]
    assert search(solved, "hw0", [path])["solved"] == [[symbol, name]]
