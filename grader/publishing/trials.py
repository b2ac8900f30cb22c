"""The two workspaces on which cases are tried before they are published: the reference's and the stubs'."""

import os
import shutil
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
        if workspace == trials.stubs and not workspace.exists():  # most of its files are the same
            copy_built(trials.solved, workspace)
        _bring_up_to_date(workspace, workspace_files(course, assignment.id, questions))
        report = build(workspace, assignment)
        if not report.ok:
            said = "\n".join(str(error) for error in report.errors)
            raise BuildFailed(f"{assignment.id} does not build in {workspace}:\n{said}")
    return trials


def begin_from(before: Path, folder: Path) -> None:
    """Begin a homework's workspaces with the reference as another homework's were built, if they were.

    Of what both hold nothing is compiled again.
    """
    if (before / "solved").is_dir() and not folder.exists():
        copy_built(before / "solved", folder / "solved")


def copy_built(built: Path, place: Path) -> None:
    """Copy a built workspace so that nothing is compiled again before a source changes.

    CMake remembers full paths, in text files, and compiles what is older than its source: the paths are
    replaced, and every file keeps its time.
    """
    shutil.copytree(built, place, symlinks=True)
    for file in (place / "build").rglob("*"):
        if file.is_file() and file.suffix not in (".o", ".so", ".a"):
            content, times = file.read_bytes(), file.stat()
            if str(built).encode() in content:
                file.write_bytes(content.replace(str(built).encode(), str(place).encode()))
                os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


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
