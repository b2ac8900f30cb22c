"""Where a command is given: a student's workspace, or the instructor's repository, each with its login."""

import argparse
from pathlib import Path

from grader.client import Client, load_login
from grader.errors import GraderError


def course_root() -> Path:
    """Return the instructor's repository that the command was given in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "course.yaml").is_file() and (folder / "reference").is_dir():
            return folder
    raise GraderError(
        f"{here}: this is no course. Run the command in the instructor's repository (with course.yaml)."
    )


def instructors_client() -> Client:
    return Client(load_login(course_root()))


def existing(path: Path, expected: str) -> Path:
    """Return the path of a file that a command reads. Raises: GraderError, with what was expected there."""
    if path.exists() and not path.is_dir():
        return path
    found = "this is a folder" if path.is_dir() else "there is no such file"
    raise GraderError(f"{path}: {found}. Expected {expected}.")


def writable(path: Path) -> Path:
    """Return the path of a file that a command is to write. Raises: GraderError where it has no place."""
    if path.is_dir():
        raise GraderError(f"{path}: this is a folder. Expected a file to write. Name one in it.")
    if not path.parent.is_dir():
        said = f"{path}: there is no folder {path.parent}. Expected one that is there"
        raise GraderError(f"{said}. Make it, or name another file.")
    return path


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}. Expected a whole number of at least 1.")
    return int(text)
