"""Train what an assignment built: `python -m grader.workspace.training hw2 [--epochs 1]`.

In a workspace this is the student's code; in the instructor's repository it is the reference.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.course.assignment import Assignment
from grader.errors import GraderError, WorkspaceError
from grader.workspace.folder import Workspace

FIGURES = "build/training"  # where the programs write


def main(arguments: Sequence[str]) -> int:
    """Train the assignment named first; what follows goes to its program. Return the exit status."""
    if not arguments:
        print("train: no homework is named. Expected one, as in `make train HW=hw1`.", file=sys.stderr)
        return 2
    try:
        workspace = Workspace.find(Path.cwd())
        return train(workspace, workspace.assignment(arguments[0]), arguments[1:])
    except GraderError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def train(workspace: Workspace, assignment: Assignment, arguments: Sequence[str]) -> int:
    """Run an assignment's training program on its datasets, and return its exit status.

    Raises: WorkspaceError when it has none.
    """
    definition = assignment.definition
    if not definition.train:
        raise WorkspaceError(
            f"{assignment.id} trains nothing. Expected an assignment with a model. Name one."
        )
    for dataset in definition.datasets:
        if not _is_there(workspace, dataset) and not _make_stand_in(workspace, dataset):
            return 1
    code = workspace.root / "reference"
    if not code.is_dir():  # only the instructor's repository has it
        code = workspace.root
    (workspace.root / FIGURES).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(code / definition.train[0]), *definition.train[1:], *arguments]
    return subprocess.call(command, cwd=workspace.root, env=_environment(assignment, code))


def _is_there(workspace: Workspace, dataset: str) -> bool:
    """Say what is there of a dataset, and whether it is whole: real data or a stand-in."""
    return _get(workspace, dataset, "--check") == 0


def _make_stand_in(workspace: Workspace, dataset: str) -> bool:
    print(f"No {dataset} is there to train on, so a stand-in is made for it.", flush=True)
    return _get(workspace, dataset, "--synthetic") == 0


def _get(workspace: Workspace, *arguments: str) -> int:
    return subprocess.call([sys.executable, "datasets/get.py", *arguments], cwd=workspace.root)


def _environment(assignment: Assignment, code: Path) -> dict[str, str]:
    """Return what the assignment's tests have too: its modules' folders and its variables."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [str(code / folder) for folder in assignment.definition.path]
    path = os.pathsep.join([*folders, *(entry for entry in inherited if entry)])
    return {**assignment.definition.environment, **os.environ, "PYTHONPATH": path}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
