"""A student of the demo: a workspace with an environment of its own, and the commands a student gives."""

import json
import os
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from command import Commands

_HIDDEN = {"VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NEEDLE_GRADER_KEY"}


@dataclass
class Student:
    """One person with one workspace for the whole course."""

    name: str
    workspace: Path
    commands: Commands
    local: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # by homework and question
    scores: dict[str, float] = field(default_factory=dict)  # by homework, from the server

    def unpack(self, archive: Path) -> None:
        """Unpack the first homework's release, as `tar xf` does."""
        unpacked = self.workspace.with_suffix(".part")
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        next(unpacked.iterdir()).rename(self.workspace)
        unpacked.rmdir()

    def make(
        self, target: str, *variables: str, given: str | None = None, codes: tuple[int, ...] = (0,)
    ) -> str:
        """Run a make target in the workspace, and return what it prints."""
        return self.run(["make", target, *variables], given=given, codes=codes)

    def run(self, command: list[str], *, given: str | None = None, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command in the workspace, in an environment that knows nothing of this repository."""
        environment = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
        log = self.workspace.parent / f"{self.name}.log"
        return self.commands.run(command, self.workspace, log, env=environment, given=given, codes=codes)

    def login(self, url: str, key: str) -> None:
        self.make("login", f"URL={url}", given=key + "\n")

    def start(self, homework: str) -> None:
        """Add a homework from the server, and install what it needs."""
        self.make("start", f"HW={homework}")
        self.make("setup")

    def adopt(self, homework: str, solution: Path) -> None:
        """Take over a homework's solved files, as if the student had typed them."""
        manifest = json.loads((self.workspace / ".grader" / "releases" / f"{homework}.json").read_text())
        for path, said in manifest["files"].items():
            if said["kind"] == "stub":
                shutil.copyfile(solution / path, self.workspace / path)

    def test(self, homework: str) -> None:
        self.make("test", f"HW={homework}", codes=(0, 2))  # make exits with 2 when tests fail
        results = json.loads((self.workspace / "build" / "results" / f"{homework}.json").read_text())
        said = [one["extra_data"] for one in results["tests"]]
        self.local[homework] = {one["question"]: [one["passed"], one["total"]] for one in said}

    def submit(self, homework: str) -> None:
        self.make("submit", f"HW={homework}")
        standing = json.loads(self.run([".venv/bin/grader", "status", "--json"]))
        self.scores |= {one["id"]: one["score"] for one in standing["assignments"] if one["id"] == homework}

    def train(self, homework: str, epochs: int) -> dict[str, float | str]:
        """Train a homework's models, and return the figures that its program writes."""
        self.make("train", f"HW={homework}", f"EPOCHS={epochs}")
        return json.loads((self.workspace / "build" / "training" / f"{homework}.json").read_text())
