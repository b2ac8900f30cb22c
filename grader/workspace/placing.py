"""What putting releases into a workspace would change, and the change itself: all of it, or nothing."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from grader.errors import WorkspaceError
from grader.workspace.folder import STARTED, Manifest, Workspace, check_path, digest
from grader.workspace.incoming import Release

REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True)
class Change:
    """One file that a plan writes or, without data, removes."""

    path: str
    data: bytes | None
    before: str | None  # the digest of what lies there now
    keep_as: str = ""  # where the student's version goes first


@dataclass(frozen=True)
class Plan:
    workspace: Workspace
    changes: tuple[Change, ...]
    kept: tuple[str, ...] = ()  # the student's, and the release brings nothing new
    conflicts: tuple[str, ...] = ()  # the student's, and the release brings something new
    missing: tuple[str, ...] = ()  # stubs that an update doesn't write


def plan(
    workspace: Workspace,
    releases: Iterable[Release],
    *,
    stubs: bool,
    theirs: Iterable[str] = (),
    mine: Iterable[str] = (),
) -> Plan:
    """Decide what becomes of each file, without touching any.

    Raises: WorkspaceError when a path leads out, a choice names no file, or the grader's wheel is missing.
    """
    releases = list(releases)
    after = workspace.manifests | {release.id: release.manifest for release in releases}
    chosen = _Choices(frozenset(map(_plain, theirs)), frozenset(map(_plain, mine)))
    plans = [_Placing(workspace, release, after, stubs, chosen).plan() for release in releases]
    chosen.check(workspace, releases)
    changes = [change for one in plans for change in one.changes]
    started = _started(workspace, releases)
    return Plan(
        workspace,
        (*changes, *started),
        *(
            tuple(path for one in plans for path in getattr(one, field))
            for field in ("kept", "conflicts", "missing")
        ),
    )


@dataclass(frozen=True)
class _Choices:
    theirs: frozenset[str]
    mine: frozenset[str]

    def check(self, workspace: Workspace, releases: list[Release]) -> None:
        """Refuse a choice that names a file which is in no release, or in both lists."""
        if both := self.theirs & self.mine:
            raise WorkspaceError(f"{min(both)}: found both --theirs and --mine. Expected one of them.")
        known = {path for release in releases for path in release.manifest.files}
        for release in releases:
            known |= set(_own(workspace, release).files)
        for path in sorted((self.theirs | self.mine) - known):
            raise WorkspaceError(
                f"{path}: the release has no such file. Expected a path as the list of files shows it."
            )


class _Placing:
    """One release and one workspace: which of the release's files go where."""

    def __init__(
        self,
        workspace: Workspace,
        release: Release,
        after: dict[str, Manifest],
        stubs: bool,
        chosen: _Choices,
    ):
        self.workspace, self.release, self.after = workspace, release, after
        self.stubs, self.chosen = stubs, chosen
        self.own = _own(workspace, release)
        self.before = workspace.manifests
        self.changes: list[Change] = []
        self.kept: list[str] = []
        self.conflicts: list[str] = []
        self.missing: list[str] = []

    def plan(self) -> Plan:
        for path, released in self.release.manifest.files.items():
            if not self._leave(path, released.kind):
                self._place(path, released.kind)
        for path, released in self.own.files.items():
            if (
                path not in self.release.manifest.files
                and released.kind != "stub"
                and not self._elsewhere(path)
            ):
                self._remove(path)
        self._place_wheels()
        self._write_unless_same(self.release.manifest_path)
        return Plan(
            self.workspace, tuple(self.changes), tuple(self.kept), tuple(self.conflicts), tuple(self.missing)
        )

    def _leave(self, path: str, kind: str) -> bool:
        """Tell whether a file is not for this release to write: declined, a later one's, or the student's."""
        if kind == "stub" and not self.stubs:
            if path in self.chosen.theirs:
                raise WorkspaceError(
                    f"{path}: this is your own work, and an update never touches it. "
                    f"To begin it anew, move it away and run: make start HW={self.release.id}"
                )
            if self.workspace.digest_of(path) is None:
                self.missing.append(path)
            return True
        return path in self.chosen.mine or self._superseded(path)

    def _place(self, path: str, kind: str) -> None:
        new, now = self.release.manifest.files[path].sha256, self.workspace.digest_of(path)
        unedited = now is None or now in self._known(path)
        if now == new:
            return
        if now is None or path in self.chosen.theirs or (unedited and kind != "stub"):
            self._change(path, self.release.files[path], now, "" if unedited else self._spare_name(path))
        elif new in self._bases(path) or (kind == "stub" and path in self.own.files):
            self.kept.append(path)
        else:
            self.conflicts.append(path)

    def _remove(self, path: str) -> None:
        """Remove a file that the release no longer has: a withdrawn case would make the digest wrong."""
        now = self.workspace.digest_of(path)
        if now is None or path in self.chosen.mine:
            return
        if now in self._known(path):
            self._change(path, None, now)
        elif path in self.chosen.theirs:
            self._change(path, None, now, self._spare_name(path))
        else:
            self.conflicts.append(path)

    def _place_wheels(self) -> None:
        """Bring the grader's wheel along with requirements.txt, which names it, and remove the one before."""
        if self._superseded(REQUIREMENTS):
            return
        for path in self.release.named_wheels:
            if path not in self.release.files and self.workspace.digest_of(path) is None:
                raise WorkspaceError(
                    f"{path}: requirements.txt asks for this wheel, and the release came without it. "
                    "Expected it in wheels/. Use the release's archive, which brings it: FROM=ARCHIVE"
                )
        for path in self.release.wheels:
            self._write_unless_same(path)
        yours = {*self.kept, *self.conflicts, *self.chosen.mine}
        if self.release.wheels and REQUIREMENTS not in yours:
            for file in sorted(self.workspace.path("wheels/any").parent.glob("needle_grader-*.whl")):
                path = f"wheels/{file.name}"
                if path not in self.release.wheels:
                    self._change(path, None, self.workspace.digest_of(path))

    def _write_unless_same(self, path: str) -> None:
        now = self.workspace.digest_of(path)
        if now != digest(self.release.files[path]):
            self._change(path, self.release.files[path], now)

    def _change(self, path: str, data: bytes | None, now: str | None, keep_as: str = "") -> None:
        self.changes.append(Change(path, data, now, keep_as))

    def _known(self, path: str) -> set[str]:
        """Return the digests of what releases once wrote at a path: a file with one of them is unedited."""
        return {one.files[path].sha256 for one in self.before.values() if path in one.files}

    def _bases(self, path: str) -> set[str]:
        """Return what this release brought here before, or what others did if it comes for the first time."""
        return {self.own.files[path].sha256} if path in self.own.files else self._known(path)

    def _superseded(self, path: str) -> bool:
        """Tell whether an assignment that was started later brings this file, too: its version counts."""
        names = list(self.after)
        later = names[names.index(self.release.id) + 1 :]
        return any(path in self.after[name].files for name in later)

    def _elsewhere(self, path: str) -> bool:
        return any(path in one.files for name, one in self.after.items() if name != self.release.id)

    def _spare_name(self, path: str) -> str:
        names = (f"{path}.mine{number if number > 1 else ''}" for number in count(1))
        return next(name for name in names if self.workspace.digest_of(name) is None)


def apply(plan: Plan) -> None:
    """Make the changes.

    Raises: WorkspaceError, with every file as it was, when there is a conflict or a write fails.
    """
    if plan.conflicts:
        raise WorkspaceError(
            f"{', '.join(plan.conflicts)}: yours and the release's differ. Nothing was changed."
        )
    try:
        with ExitStack() as undo:
            staged = [(change, _stage(plan.workspace, change, undo)) for change in plan.changes]
            backups = [_put(plan.workspace, change, new, undo) for change, new in staged]
            undo.pop_all()
    except OSError as error:
        raise WorkspaceError(
            f"{error.filename or plan.workspace.root}: it can't be written ({error.strerror or error}). "
            "Nothing was changed. Mend that, and run it again."
        ) from None
    for backup in filter(None, backups):
        backup.unlink()


def _stage(workspace: Workspace, change: Change, undo: ExitStack) -> Path | None:
    """Write the new content beside its place, under another name."""
    target = workspace.path(change.path)
    if change.data is None:
        return None
    _make_folders(target.parent, undo)
    new = _beside(target, "new")
    undo.callback(new.unlink, missing_ok=True)
    with new.open("xb") as file:
        file.write(change.data)
        file.flush()
        os.fsync(file.fileno())
    return new


def _put(workspace: Workspace, change: Change, new: Path | None, undo: ExitStack) -> Path | None:
    """Move one staged file to its place, and return a copy of what it replaced, to be dropped at the end."""
    target = workspace.path(change.path)
    taken = bool(change.keep_as) and workspace.digest_of(change.keep_as) is not None
    if taken or workspace.digest_of(change.path) != change.before:
        raise WorkspaceError(f"{change.path}: it was edited just now. Nothing was changed. Run it again.")
    backup = None
    if change.keep_as:
        mine = workspace.path(change.keep_as)
        target.rename(mine)
        undo.callback(mine.rename, target)
    elif change.before is not None:
        backup = _beside(target, "old")
        undo.callback(backup.unlink, missing_ok=True)
        _copy(target, backup)
        undo.callback(backup.replace, target)
    if new:
        new.replace(target)
        undo.callback(target.unlink)
    elif backup:
        target.unlink()
    return backup


def _copy(file: Path, to: Path) -> None:
    try:
        os.link(file, to, follow_symlinks=False)
    except OSError:  # some file systems know no links
        shutil.copy2(file, to, follow_symlinks=False)


def _make_folders(folder: Path, undo: ExitStack) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, undo)
        folder.mkdir()
        undo.callback(folder.rmdir)


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.{what}")


def _own(workspace: Workspace, release: Release) -> Manifest:
    """Return the manifest of this assignment's release that was put here before, or an empty one."""
    empty = release.manifest.model_copy(update={"files": {}})
    return workspace.manifests.get(release.id, empty)


def _started(workspace: Workspace, releases: list[Release]) -> Iterator[Change]:
    """Note the order of starting: where two releases share a file, the later one's counts."""
    names = list(workspace.manifests)
    names += [release.id for release in releases if release.id not in names]
    data, now = "".join(f"{name}\n" for name in names).encode(), workspace.digest_of(STARTED)
    if now != digest(data):
        yield Change(STARTED, data, now)


def _plain(path: str) -> str:
    return check_path(path.removeprefix("./"))
