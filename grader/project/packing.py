"""Pack a project with the library that it is built on, and unpack one that somebody else packed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.course.project import PROJECT, ProjectDefinition
from grader.errors import WireError, WorkspaceError
from grader.workspace.archive import MOST_IN_ALL, MOST_IN_ONE, members, open_archive, packed
from grader.workspace.folder import Workspace, check_path

TOP = "needle-project"  # the one folder that an archive unpacks to
LARGEST = 20 * 2**20  # bytes of an archive
ADVICE = "Pack it again with `grader project submit`."
_LARGE = 3  # files named when there is too much
_LEFT_OUT = ("__pycache__", "build")


def pack_project(workspace: Workspace, definition: ProjectDefinition) -> bytes:
    """Return the archive of a project; the same files give the same bytes.

    Raises: WorkspaceError for a link, for something that is no file, and for too much.
    """
    files: dict[str, bytes] = {}
    for name in (PROJECT, *definition.sources):
        for path in _files(workspace.root / name):
            files[path.relative_to(workspace.root).as_posix()] = path.read_bytes()
    if not any(path.startswith(f"{PROJECT}/") for path in files):
        raise WorkspaceError(f"{workspace.root}: there is no {PROJECT}/. Begin with: grader project begin")
    whole = sum(map(len, files.values()))
    archive = packed(files, TOP) if whole <= MOST_IN_ALL else b""
    if not archive or len(archive) > LARGEST or max(map(len, files.values())) > MOST_IN_ONE:
        raise WorkspaceError(_too_much(files, len(archive) or whole))
    open_archive(archive, "Rename it.")  # a name that another system can't have
    return archive


def _files(path: Path) -> Iterator[Path]:
    """Yield the files of a folder, or a file, in their order; not hidden ones, nor what tools left."""
    kind = path.lstat().st_mode if os.path.lexists(path) else 0
    if stat.S_ISLNK(kind):
        raise WorkspaceError(f"{path}: this is a link. Expected a file: put it in the link's place.")
    if stat.S_ISDIR(kind):
        for inner in sorted(path.iterdir()):
            if not inner.name.startswith(".") and inner.name not in _LEFT_OUT:
                yield from _files(inner)
    elif stat.S_ISREG(kind):
        if path.suffix != ".pyc":
            yield path
    elif kind:
        raise WorkspaceError(f"{path}: this is no plain file. Expected one. Move it away.")


def _too_much(files: dict[str, bytes], size: int) -> str:
    large = sorted(files, key=lambda path: len(files[path]), reverse=True)[:_LARGE]
    shown = ", ".join(f"{path} ({len(files[path]) / 2**20:.1f} MiB)" for path in large)
    said = f"the project has {size / 2**20:.1f} MiB. Expected {LARGEST >> 20} at most, packed"
    return f"{said}. Its largest files: {shown}. Keep data and weights out of {PROJECT}/."


def open_project(archive: bytes, definition: ProjectDefinition) -> dict[str, bytes]:
    """Return the files of a project by their paths in a workspace. Raises: WireError, as `files_in` does."""
    return dict(files_in(archive, definition))


def files_in(archive: bytes, definition: ProjectDefinition) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a project with its path in a workspace.

    Raises: WireError when the archive can't be trusted, or holds what no project has.
    """
    tops = (PROJECT, *definition.sources)
    begun = False
    for path, data in members(archive, ADVICE):
        top, _, inside = path.partition("/")
        if top != TOP or not any(f"{inside}/".startswith(f"{name}/") for name in tops):
            where, expected = f"the archive: {path[:200]!r}", ", ".join(tops)
            raise WireError(f"{where} is no part of a project. Expected {expected} in {TOP}/. {ADVICE}")
        begun |= inside.startswith(f"{PROJECT}/")
        yield check_path(inside), data
    if not begun:
        raise WireError(f"the archive holds no {PROJECT}/. {ADVICE}")


def unpack_project(archive: bytes, definition: ProjectDefinition, into: Path) -> None:
    """Write a project's files into an empty folder. Raises: WireError, with nothing written."""
    for path, data in open_project(archive, definition).items():
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
