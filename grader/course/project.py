"""The final project: an assignment with checks, tracks and a rubric in place of questions."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from grader.course.assignment import Assignment, Definition, Identifier
from grader.course.yamlfile import Location, Strict, place, read_yaml
from grader.errors import CourseError

PROJECT = "project"  # its id, and the folder of a workspace that holds it
OWN_TRACK = "own"  # the track of a group that follows its own idea
MODULE = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Track(Strict):
    """A suggestion with a starting point: the files of its folder under tracks/."""

    id: Identifier
    title: str


class Criterion(Strict):
    """One line of the rubric. Its levels say what earns how much, the best first."""

    id: Identifier
    title: str
    points: Annotated[float, Field(gt=0, le=100)]
    levels: Annotated[list[str], Field(min_length=1)]


class ProjectDefinition(Strict):
    """What the project's assignment.yaml says."""

    id: Literal["project"]
    kind: Literal["project"]
    title: str
    path: list[str] = Field(default=["."])
    environment: dict[str, str] = Field(default={})
    datasets: list[str] = Field(default=[])
    requirements: list[str] = Field(default=[])
    library: Annotated[str, StringConstraints(pattern=MODULE)]  # the module that the student has built
    sources: Annotated[list[str], Field(min_length=1)]  # files and folders to build it from, handed in too
    checks: Annotated[list[Identifier], Field(min_length=1)]  # files of tests, in their order
    train: Annotated[list[str], Field(min_length=1)]  # the program, which is given --steps too
    steps: Annotated[int, Field(ge=30)]
    lower_to: Annotated[float, Field(gt=0, lt=1)]  # the last losses, as a share of the first ones
    time_limit: Annotated[float, Field(gt=0)]  # seconds, of training and of the project's own tests
    forbidden: list[Annotated[str, StringConstraints(pattern=MODULE)]]  # modules: other frameworks
    tracks: list[Track] = Field(default=[])
    rubric: Annotated[list[Criterion], Field(min_length=1)]
    accept_at: Annotated[float, Field(gt=0, le=100)]  # points from which acceptance is suggested

    def problems(self) -> Iterator[tuple[Location, str]]:
        total = sum(criterion.points for criterion in self.rubric)
        if abs(total - 100) > 1e-9:
            yield ("rubric",), f"the points add up to {total:g}. Expected 100."
        if not self.train[0].startswith(f"{PROJECT}/"):
            yield ("train", 0), f"found {self.train[0]!r}. Expected a program under {PROJECT}/."
        for at, source in enumerate(self.sources):
            if not source or source.startswith(("/", ".", PROJECT)) or ".." in source.split("/"):
                yield ("sources", at), f"found {source!r}. Expected a file or folder of a workspace."
        for field in ("tracks", "rubric"):
            names = [one.id for one in getattr(self, field)]
            for at, name in enumerate(names):
                if name in names[:at] or name == OWN_TRACK:
                    yield (field, at, "id"), f"{name!r} stands twice. Expected one of each."


@dataclass(frozen=True)
class Project:
    """A definition and the folder that it was read from."""

    definition: ProjectDefinition
    folder: Path

    @property
    def yaml(self) -> Path:
        return self.folder / "assignment.yaml"

    @property
    def template(self) -> Path:
        """Return the folder of the files that every project begins with."""
        return self.folder / "template"

    def track_folder(self, name: str) -> Path:
        """Return the folder of a track's files. Raises: CourseError, naming the tracks there are."""
        known = [track.id for track in self.definition.tracks]
        if name not in known:
            raise CourseError(f"{name!r}: there is no such track. Expected one of {', '.join(known)}.")
        return self.folder / "tracks" / name

    def check_file(self, name: str) -> Path:
        """Return the file of a check's tests. Raises: CourseError, naming the checks there are."""
        if name not in self.definition.checks:
            known = ", ".join(self.definition.checks)
            raise CourseError(f"{name!r}: there is no such check. Expected one of {known}.")
        return self.folder / "tests" / f"test_{name}.py"

    def digest(self) -> str:
        """Return a digest of all that decides what a project has to be: the definition and the checks."""
        content = json.dumps(self.definition.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(content.encode())
        for file in map(self.check_file, self.definition.checks):
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()

    def without_questions(self) -> Assignment:
        """Return an assignment with the same paths and nothing to implement: what a build asks for."""
        fields = self.definition.model_dump(include={"id", "title", "path", "environment"})
        return Assignment(Definition.model_construct(**fields, adds=[], questions=[]), self.folder)


def load_project(folder: Path) -> Project:
    """Read the project from its folder.

    Raises: CourseError when assignment.yaml is not valid, or lacks a folder or a file that it names.
    """
    project = Project(read_yaml(folder / "assignment.yaml", ProjectDefinition), folder)
    for at, track in enumerate(project.definition.tracks):
        if not project.track_folder(track.id).is_dir():
            where = place(project.yaml, "tracks", at, "id")
            missing = project.track_folder(track.id)
            raise CourseError(f"{where}: {track.id!r} has no folder {missing}. Make it.")
    for at, name in enumerate(project.definition.checks):
        if not project.check_file(name).is_file():
            where = place(project.yaml, "checks", at)
            raise CourseError(f"{where}: {name!r} has no file {project.check_file(name)}. Write it.")
    program = project.template / project.definition.train[0].removeprefix(f"{PROJECT}/")
    if not program.is_file():
        raise CourseError(f"{place(project.yaml, 'train')}: there is no {program}. Write it.")
    return project
