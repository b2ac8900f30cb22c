"""Write a release: as a folder under starter/, as an archive, as a workspace."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.release.content import release_files
from grader.release.wheel import grader_wheel
from grader.workspace.archive import packed

TOP = "needle-course"  # the one folder that an archive unpacks to


def place_starter(files: Mapping[str, bytes], target: Path) -> Path:
    """Replace a folder by one with these files, in two renames. A failure leaves the one before."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        write_files(files, new)
        if target.exists():
            target.rename(old)
        new.rename(target)
    return target


def write_archive(course: Course, assignment: Assignment, path: Path) -> Path:
    """Write the release with the grader's wheel as a .tar.gz; the same course gives the same bytes."""
    return pack(release_files(course, assignment) | wheel_file(course), path)


def pack(files: Mapping[str, bytes], path: Path) -> Path:
    """Write files as a .tar.gz, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_bytes(packed(files, TOP))
    return half.replace(path)


def wheel_file(course: Course) -> dict[str, bytes]:
    """Return the grader's wheel by its path in a workspace."""
    wheel = grader_wheel(course.root)
    return {f"wheels/{wheel.name}": wheel.read_bytes()}


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
