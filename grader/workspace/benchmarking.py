"""Measure how fast what an assignment built is: `python -m grader.workspace.benchmarking hw3`."""

import sys
from collections.abc import Sequence

from grader.course.assignment import Assignment
from grader.errors import BuildFailed, WorkspaceError
from grader.running.build import build
from grader.workspace.folder import Workspace
from grader.workspace.programs import answer, holds_reference, run_program

FIGURES = "build/bench"  # where the programs write


def main(arguments: Sequence[str]) -> int:
    """Measure the assignment named first; what follows goes to its program. Return the exit status."""
    return answer("bench", bench, arguments)


def bench(workspace: Workspace, assignment: Assignment, arguments: Sequence[str]) -> int:
    """Build, then run an assignment's measuring program, and return its exit status.

    Raises: WorkspaceError when it has none; BuildFailed, since only what compiles can be measured.
    """
    program = assignment.definition.bench
    if not program:
        raise WorkspaceError(
            f"{assignment.id} measures nothing. Expected an assignment with kernels. Name one."
        )
    if not holds_reference(workspace):  # where the Makefile builds what is measured
        report = build(workspace.root, assignment)
        if not report.ok:
            raise BuildFailed(
                "\n".join(["bench: it does not compile:", *(f"  {one}" for one in report.errors)])
            )
    (workspace.root / FIGURES).mkdir(parents=True, exist_ok=True)
    status = run_program(workspace, assignment, [*program, *arguments])
    if status == 0:
        print(f"The figures are kept in {FIGURES}/.")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
