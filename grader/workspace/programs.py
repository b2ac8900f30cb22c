"""Run a program of an assignment: on the student's code in a workspace, on the reference where that is."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.course.assignment import Assignment
from grader.errors import GraderError
from grader.running.importing import LIBRARIES
from grader.workspace.folder import Workspace

Action = Callable[[Workspace, Assignment, Sequence[str]], int]


def answer(target: str, action: Action, arguments: Sequence[str]) -> int:
    """Do something with the assignment that is named first, and return the exit status."""
    if not arguments:
        print(f"{target}: no homework is named. Expected one, as in `make {target} HW=hw1`.", file=sys.stderr)
        return 2
    try:
        workspace = Workspace.find(Path.cwd())
        return action(workspace, workspace.assignment(arguments[0]), arguments[1:])
    except GraderError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run_program(workspace: Workspace, assignment: Assignment, command: Sequence[str]) -> int:
    """Run a program with its arguments in the workspace's folder, and return its exit status."""
    run = [sys.executable, "-m", "grader.workspace.program_process", str(_code(workspace) / command[0])]
    environment = _environment(workspace, assignment)
    return subprocess.call([*run, *command[1:]], cwd=workspace.root, env=environment)


def holds_reference(workspace: Workspace) -> bool:
    """Tell the instructor's repository from a student's workspace."""
    return (workspace.root / "reference").is_dir()


def _code(workspace: Workspace) -> Path:
    return workspace.root / "reference" if holds_reference(workspace) else workspace.root


def _environment(workspace: Workspace, assignment: Assignment) -> dict[str, str]:
    """Return what the assignment's tests have too: its modules' folders and its variables."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    roots = {LIBRARIES: workspace.root}  # built beside the code, also in the instructor's repository
    folders = [str(roots.get(folder, _code(workspace)) / folder) for folder in assignment.definition.path]
    path = os.pathsep.join([*folders, *(entry for entry in inherited if entry)])
    return {**assignment.definition.environment, **os.environ, "PYTHONPATH": path}
