"""The two workspaces on which cases are tried before they are published: the reference's and the stubs'."""

from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.errors import BuildFailed
from grader.release.command import workspace_files
from grader.running.build import build


@dataclass(frozen=True)
class Trials:
    solved: Path
    stubs: Path


def prepare(course: Course, assignment: Assignment, folder: Path) -> Trials:
    """Write and build both workspaces in a folder. What is built there from the same sources is kept.

    Raises: BuildFailed, with the compiler's words.
    """
    trials = Trials(folder / "solved", folder / "stubs")
    for workspace, questions in ((trials.solved, None), (trials.stubs, set[str]())):
        _bring_up_to_date(workspace, workspace_files(course, assignment.id, questions))
        report = build(workspace, assignment)
        if not report.ok:
            said = "\n".join(str(error) for error in report.errors)
            raise BuildFailed(f"{assignment.id} does not build in {workspace}:\n{said}")
    return trials


def _bring_up_to_date(workspace: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold these files and, beside them, only what was built."""
    for path in list(workspace.rglob("*")):
        relative = path.relative_to(workspace)
        if path.is_file() and relative.parts[0] != "build" and relative.as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = workspace / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
