"""Begin a project: the template's files, or a track's with them, never over a student's own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.course.project import OWN_TRACK, PROJECT, Project, load_project
from grader.errors import WorkspaceError
from grader.workspace.folder import Workspace, digest

TRACK_FILE = f"{PROJECT}/track"  # holds the id of the track that was begun
_TESTS = f"{PROJECT}/tests/"
_LEFT_BY_TOOLS = ("__pycache__", ".DS_Store")

Files = dict[str, bytes]


def project_of(workspace: Workspace) -> Project:
    """Return the project of a workspace. Raises: WorkspaceError when it was not started."""
    folder = workspace.root / "assignments" / PROJECT
    if not (folder / "assignment.yaml").is_file():
        raise WorkspaceError(
            f"{workspace.root}: the project was not started here. Start it with: make start HW={PROJECT}"
        )
    return load_project(folder)


def begin(workspace: Workspace, track: str | None) -> list[str]:
    """Write the files of a track, or of the template, where nothing of a student's is; return their paths.

    Raises: WorkspaceError, with nothing changed, when a file of the student's stands in the way.
    """
    project = project_of(workspace)
    given = [_files(project.template), *(_files(folder) for folder in _track_folders(project))]
    wanted = begun(project, track)
    wanted[TRACK_FILE] = f"{track or OWN_TRACK}\n".encode()
    known: dict[str, set[str]] = {}  # of each path, what was ever given there
    for files in given:
        for path, data in files.items():
            known.setdefault(path, set()).add(digest(data))
    changes = dict(_changes(workspace, wanted, known))
    for path, change in changes.items():
        _write(workspace.path(path), change)
    return sorted(changes)


def begun(project: Project, track: str | None) -> Files:
    """Return the files that a project begins with, by their paths in a workspace.

    A track with tests needs none of the template's.
    """
    given = _files(project.template)
    if track in (None, OWN_TRACK):
        return given
    own = _files(project.track_folder(str(track)))
    if any(path.startswith(_TESTS) for path in own):
        given = {path: data for path, data in given.items() if not path.startswith(_TESTS)}
    return given | own


def chosen_track(workspace: Workspace, project: Project) -> str:
    """Return the track that was begun; a group's own where the file is gone or names no track."""
    file = workspace.path(TRACK_FILE)
    said = file.read_text(encoding="utf-8", errors="replace").strip() if file.is_file() else ""
    return said if said in {track.id for track in project.definition.tracks} else OWN_TRACK


def _changes(
    workspace: Workspace, wanted: Files, known: Mapping[str, set[str]]
) -> Iterator[tuple[str, bytes | None]]:
    """Yield what to write and, of a track that was left untouched, what to remove."""
    edited = []
    for path in sorted({*wanted, *known}):
        now, data = workspace.digest_of(path), wanted.get(path)
        if now == (digest(data) if data is not None else None):
            continue
        if now is None or now in known.get(path, ()) or path == TRACK_FILE:
            yield path, data
        elif data is not None:
            edited.append(path)
    if edited:
        raise WorkspaceError(
            f"{', '.join(edited)}: you have edited this, and the starting point has its own. "
            "Nothing was changed. Move yours away and run it again, or go on without the starting point."
        )


def _write(target: Path, data: bytes | None) -> None:
    if data is None:
        target.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _track_folders(project: Project) -> Iterator[Path]:
    return (project.track_folder(track.id) for track in project.definition.tracks)


def _files(folder: Path) -> Files:
    """Return a folder's files, by the paths that they have in a workspace."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        f"{PROJECT}/{file.relative_to(folder).as_posix()}": file.read_bytes()
        for file in files
        if not set(file.relative_to(folder).parts) & set(_LEFT_BY_TOOLS)
    }
