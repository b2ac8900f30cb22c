"""Train what an assignment built: `python -m grader.workspace.training hw2 [--epochs 1]`."""

import subprocess
import sys
from collections.abc import Sequence

from grader.course.assignment import Assignment
from grader.errors import WorkspaceError
from grader.workspace.folder import Workspace
from grader.workspace.programs import answer, run_program

FIGURES = "build/training"  # where the programs write


def main(arguments: Sequence[str]) -> int:
    """Train the assignment named first; what follows goes to its program. Return the exit status."""
    return answer("train", train, arguments)


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
    (workspace.root / FIGURES).mkdir(parents=True, exist_ok=True)
    return run_program(workspace, assignment, [*definition.train, *arguments])


def _is_there(workspace: Workspace, dataset: str) -> bool:
    """Say what is there of a dataset, and whether it is whole: real data or a stand-in."""
    return _get(workspace, dataset, "--check") == 0


def _make_stand_in(workspace: Workspace, dataset: str) -> bool:
    print(f"No {dataset} is there to train on, so a stand-in is made for it.", flush=True)
    print(f"For the real one: make data DATASET={dataset}, and then train again.", flush=True)
    return _get(workspace, dataset, "--synthetic") == 0


def _get(workspace: Workspace, *arguments: str) -> int:
    return subprocess.call([sys.executable, "datasets/get.py", *arguments], cwd=workspace.root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
