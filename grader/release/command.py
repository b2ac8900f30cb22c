"""`grader release` and `grader solve`."""

import time
from pathlib import Path

from grader.course.assignment import MARKER
from grader.course.policy import Course
from grader.course.project import PROJECT
from grader.errors import WorkspaceError
from grader.release.archive import pack, place_starter, wheel_file, write_files
from grader.release.content import Files, release_files
from grader.release.project import project_files, solved_project_files


def release(root: Path, names: list[str] | None) -> None:
    """Make starter/<id> and build/releases/<id>.tar.gz of the named assignments, or of all and the project.

    Raises: ReleaseRefused, with nothing written, when one of them can't be released.
    """
    began = time.perf_counter()
    course = Course(root)
    every = [*(assignment.id for assignment in course.assignments), *([PROJECT] if course.project else [])]
    made = {name: _released(course, name) for name in names or every}
    wheel = wheel_file(course)
    # beside the folders, and out of version control: for `grader start hw0 --from starter/hw0`
    place_starter({Path(path).name: data for path, data in wheel.items()}, root / "starter" / "wheels")
    for name, files in made.items():
        place_starter(files, root / "starter" / name)
        archive = pack(files | wheel, root / "build" / "releases" / f"{name}.tar.gz")
        stubs = sum(data.count(f"{MARKER}{name}/".encode()) for data in files.values())
        size, seconds = archive.stat().st_size / 1024, time.perf_counter() - began
        where = f"starter/{name}, build/releases/{archive.name}"
        print(f"{name}: {len(files)} files, {stubs} stubs; {where} ({size:.0f} KiB, {seconds:.1f} s)")
        began = time.perf_counter()


def _released(course: Course, name: str) -> Files:
    return project_files(course) if name == PROJECT else release_files(course, course.assignment(name))


def solve(root: Path, name: str, into: Path, questions: set[str] | None) -> None:
    """Write a workspace up to an assignment, with the named questions of it solved (None: all).

    Earlier assignments are solved as a whole. Raises: WorkspaceError when the folder is not empty.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise WorkspaceError(f"{into}: this is not empty. Expected a new folder. Name another one.")
    write_files(workspace_files(Course(root), name, questions), into)


def workspace_files(course: Course, name: str, questions: set[str] | None) -> dict[str, bytes]:
    """Return a whole workspace up to an assignment, with the named questions of it solved (None: all).

    The project's has every homework solved, and the reference's project.
    """
    if name == PROJECT:
        return workspace_files(course, course.assignments[-1].id, None) | solved_project_files(course)
    files: dict[str, bytes] = {}
    for assignment in course.up_to(name):
        everything = {question.id for question in assignment.questions}
        last = assignment.id == name
        files |= release_files(course, assignment, everything if questions is None or not last else questions)
    return files | wheel_file(course)
