"""Start an assignment in a workspace, and update those there: never at the cost of a student's edit."""

from collections.abc import Sequence
from pathlib import Path

from grader.client import load_login
from grader.errors import WorkspaceError
from grader.workspace.folder import RELEASES, Workspace, check_path, find_students
from grader.workspace.incoming import Fetch, download, read_release
from grader.workspace.placing import REQUIREMENTS, Plan, apply, plan


def start(
    name: str,
    source: str | None,
    where: Path,
    theirs: Sequence[str],
    mine: Sequence[str],
    fetch: Fetch = download,
) -> int:
    """Put an assignment into the workspace around a folder or, in an empty or new folder, begin one.

    Raises: WorkspaceError, with nothing changed, when a file of the student's stands in the way.
    """
    check_path(name)
    workspace = workspace_at(where)
    release = read_release(name, source or _server(workspace), fetch)
    made = plan(workspace, [release], stubs=True, theirs=theirs, mine=mine)
    begun = bool(workspace.manifests) or any(change.before for change in made.changes)
    _apply(made, f"start {name}")
    print(f"{name}, {release.manifest.title}: in {workspace.root}")
    print(describe(made) if begun else f"  {len(made.changes)} new files")
    print(f"Read assignments/{name}/README.md, then run: make test HW={name}")
    return 0


def update(
    name: str | None,
    source: str | None,
    where: Path,
    theirs: Sequence[str],
    mine: Sequence[str],
    fetch: Fetch = download,
) -> int:
    """Bring corrected tests, cases, handouts and glue of one assignment, or of all that were started.

    Raises: WorkspaceError, with nothing changed, when both the student and the release changed a file.
    """
    workspace = find_students(where)
    known = list(workspace.manifests)
    names = known if name is None else [name if name in known else workspace.assignment(name).id]
    if not names:
        raise WorkspaceError(f"{workspace.root}: nothing is started here. Start with: make start HW=hw0")
    source = source or _server(workspace)
    releases = [read_release(one, source, fetch) for one in names]
    made = plan(workspace, releases, stubs=False, theirs=theirs, mine=mine)
    _apply(made, f"update {name}" if name else "update")
    print(f"{', '.join(names)}: up to date with {source}")
    print(describe(made))
    return 0


def workspace_at(where: Path) -> Workspace:
    """Return the workspace to start in: a new or empty folder itself, else the one that it lies in."""
    if not where.exists() or (where.is_dir() and not any(where.iterdir())):
        return Workspace(where.resolve())
    try:
        return find_students(where)
    except WorkspaceError as error:
        raise WorkspaceError(f"{error} For a new workspace, name a new or empty folder.") from None


def describe(made: Plan) -> str:
    """Return what a plan changes, a line a file, and what follows from it."""
    changes = [change for change in made.changes if not change.path.startswith(".grader/")]
    lines = [f"  {_verb(change.before, change.data):8} {change.path}" for change in changes]
    lines += [
        f"  kept     {change.path}: yours is now {change.keep_as}" for change in changes if change.keep_as
    ]
    lines += [f"  kept     {path}: you edited it, and the release brings nothing new" for path in made.kept]
    lines += [f"  missing  {path}: `make start` writes it anew" for path in made.missing]
    replaced = {change.path for change in changes if change.before is not None}
    if any(path == REQUIREMENTS or path.startswith("wheels/") for path in replaced):
        lines.append("What the environment needs has changed: `make setup` runs by itself next time.")
    return "\n".join(lines or ["  nothing has changed"])


def conflict_text(made: Plan, command: str) -> str:
    """Return the refusal: each file that both sides changed, and the two ways on."""
    grader = f".venv/bin/grader {command}"
    lines = [f"  {path}" for path in made.conflicts]
    return "\n".join(
        [
            f"{command}: these files hold your edits, and the release has a new version of them. "
            "Expected files as a release once wrote them. Nothing was changed.",
            *lines,
            "Say for each file which one to take, in one command:",
            f"  {grader} --theirs FILE   takes the release's, and keeps yours as FILE.mine",
            f"  {grader} --mine FILE     keeps yours, and won't ask again about this version",
        ]
    )


def _apply(made: Plan, command: str) -> None:
    if made.conflicts:
        raise WorkspaceError(conflict_text(made, command))
    apply(made)


def _verb(before: str | None, data: bytes | None) -> str:
    if data is None:
        return "removed"
    return "new" if before is None else "changed"


def _server(workspace: Workspace) -> str:
    if not (workspace.root / RELEASES).is_dir():
        raise WorkspaceError(
            f"{workspace.root}: a new workspace knows no server. Expected --from ARCHIVE-OR-ADDRESS."
        )
    return load_login(workspace.root).url
