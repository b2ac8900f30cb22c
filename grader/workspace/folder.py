"""A student's workspace: where it is, which assignments it holds, and what releases once wrote there."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints, ValidationError

from grader.course.assignment import Assignment, Identifier, load_assignment
from grader.course.project import PROJECT
from grader.errors import WorkspaceError

RELEASES = ".grader/releases"
STARTED = ".grader/started"  # assignments in the order in which they were started, one a line

_UNSAFE = re.compile(r"^/|^[A-Za-z]:|[\\\x00-\x1f\x7f]|(^|/)(\.{0,2})(/|$)")


class Released(BaseModel):
    """One file as a release wrote it: a stub becomes the student's, the others may be corrected later."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["stub", "course", "glue"]


class Manifest(BaseModel):
    """What `.grader/releases/<id>.json` says: all files of one release."""

    assignment: Identifier
    title: str
    cases_digest: str
    files: dict[str, Released]


@dataclass(frozen=True)
class Workspace:
    root: Path

    @classmethod
    def find(cls, start: Path) -> "Workspace":
        """Return the workspace that a folder lies in. Raises: WorkspaceError when it lies in none."""
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / RELEASES).is_dir() or any(folder.glob("assignments/*/assignment.yaml")):
                return cls(folder)
        raise WorkspaceError(
            f"{start}: this folder lies in no workspace. Expected one that holds assignments/, or a folder "
            "inside it. Change to your workspace; to get one, unpack the archive of the first assignment."
        )

    @property
    def manifests(self) -> dict[str, Manifest]:
        """Return the manifests of the releases put here, in the order in which they were started."""
        folder = self.root / RELEASES
        found = {
            file.stem: parse_manifest(file.read_bytes(), str(file)) for file in sorted(folder.glob("*.json"))
        }
        started = [name for name in self._started() if name in found]
        unpacked = [name for name in found if name not in started]  # an archive unpacked by hand comes first
        return {name: found[name] for name in (*unpacked, *started)}

    @property
    def assignments(self) -> list[Assignment]:
        """Return every homework in this workspace, in the order in which they were started."""
        return [load_assignment(self.root / "assignments" / name) for name in self._present()]

    def assignment(self, name: str) -> Assignment:
        """Return a homework by its id. Raises: WorkspaceError, naming those there are."""
        present = self._present()
        if name == PROJECT:
            raise WorkspaceError("The project has no questions. Its own commands: grader project --help")
        if name not in present:
            raise WorkspaceError(
                f"{name!r}: this workspace has no such assignment. It has {', '.join(present) or 'none'}. "
                f"To add it, run: make start HW={name}"
            )
        return load_assignment(self.root / "assignments" / name)

    @property
    def latest(self) -> Assignment:
        """Return the assignment that was started last."""
        if not self.assignments:
            raise WorkspaceError(f"{self.root}: nothing is started here. Start with: make start HW=hw0")
        return self.assignments[-1]

    def path(self, relative: str) -> Path:
        """Return where a path of the workspace lies.

        Raises: WorkspaceError when it, or a link on the way, leads out.
        """
        target = self.root / check_path(relative)
        try:
            inside = target.parent.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # links in a circle
            inside = False
        if not inside:
            raise WorkspaceError(
                f"{relative}: a link on the way leads out of the workspace {self.root}. "
                "Expected folders inside it. Put a folder in the link's place."
            )
        return target

    def digest_of(self, relative: str) -> str | None:
        """Return a file's SHA-256, None if nothing is there, "link" or "folder" if it is no plain file."""
        target = self.path(relative)
        if target.is_symlink():
            return "link"
        if target.is_dir():
            return "folder"
        try:
            return digest(target.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WorkspaceError(
                f"{target}: it can't be read ({error.strerror}). Mend that, and run it again."
            ) from None

    def sources(self, assignment: Assignment) -> dict[str, bytes]:
        """Return the student's files of an assignment, those that exist, by path."""
        found = {}
        for relative in assignment.definition.adds:
            target = self.path(relative)
            if target.is_file():
                if not target.resolve().is_relative_to(self.root.resolve()):
                    raise WorkspaceError(
                        f"{relative}: this is a link out of the workspace. Expected a file: put it there."
                    )
                found[relative] = target.read_bytes()
        return found

    def _present(self) -> list[str]:
        named = (file.parent.name for file in self.root.glob("assignments/*/assignment.yaml"))
        there = sorted(name for name in named if name != PROJECT)
        started = [name for name in self.manifests if name in there]
        return started + [name for name in there if name not in started]

    def _started(self) -> list[str]:
        file = self.root / STARTED
        return file.read_text(encoding="utf-8").split() if file.is_file() else []


def find_students(start: Path) -> Workspace:
    """Return the workspace that a folder lies in.

    Raises: WorkspaceError when it lies in none, or in the instructor's repository.
    """
    workspace = Workspace.find(start)
    if (workspace.root / "course.yaml").is_file():
        raise WorkspaceError(
            f"{workspace.root}: this is the instructor's repository. Expected a student's workspace. "
            "Change to one."
        )
    return workspace


def check_path(relative: str) -> str:
    """Return a path that stays inside a workspace. Raises: WorkspaceError for any other."""
    if _UNSAFE.search(relative):
        raise WorkspaceError(
            f"{relative!r}: this path could lead out of the workspace. "
            "Expected a relative one with `/`, without `.` and `..`."
        )
    return relative


def digest(data: bytes) -> str:
    """Return the SHA-256 by which manifests know a file."""
    return hashlib.sha256(data).hexdigest()


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Return a manifest from its JSON.

    Raises: WorkspaceError when it is none, or names a path outside the workspace.
    """
    try:
        manifest = Manifest.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors()[0]
        said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except ValueError as error:
        said = f"this is no JSON ({error})"
    else:
        for path in manifest.files:
            check_path(path)
        return manifest
    raise WorkspaceError(
        f"{where}: {said}. Expected {', '.join(Manifest.model_fields)}. "
        "Fetch the release again: make start HW=<its id>"
    )
