"""Put the reference's bodies into a student's file."""

import shutil
from pathlib import Path

from grader.course.solution import SolvedFile
from grader.errors import WorkspaceError
from grader.workspace.merging_cpp import merge_cpp
from grader.workspace.merging_python import merge_python

KEPT = ".before-catch-up"


def merged(path: str, data: bytes, solved: SolvedFile) -> bytes:
    """Return a file with the solved bodies in it. Raises: WorkspaceError when there is no place for one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise WorkspaceError(f"{path}: this is not UTF-8 text. Save it as such, and run it again.") from None
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    text = text.removeprefix(mark)
    text = text.replace("\r\n", "\n") if windows else text
    merge = merge_python if path.endswith(".py") else merge_cpp
    text = merge(path, text, solved)
    return (mark + (text.replace("\n", "\r\n") if windows else text)).encode()


def keep(target: Path) -> Path:
    """Copy a file to one beside it, under a name that is free, and return where."""
    kept, number = target.with_name(target.name + KEPT), 1
    while kept.exists():
        number += 1
        kept = target.with_name(f"{target.name}{KEPT}-{number}")
    shutil.copy2(target, kept)
    return kept


def write_whole(target: Path, data: bytes) -> None:
    """Replace what a file holds, or leave it as it is."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.write_bytes(data)
    shutil.copymode(target, unfinished)
    unfinished.replace(target)
