"""A student of the demo: a workspace with an environment of its own, and the commands a student gives."""

import json
import os
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import run as run_command


@dataclass
class Student:
    name: str
    workspace: Path
    local: dict[str, list[int]] = field(default_factory=dict)  # tests passed and in all, by question
    score: float = -1.0

    def unpack(self, archive: Path) -> None:
        """Unpack a release, as `tar xf` does."""
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
        hidden = {"VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NEEDLE_GRADER_KEY"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        log = self.workspace.parent / f"{self.name}.log"
        return run_command(command, self.workspace, log, env=environment, given=given, codes=codes)

    def login(self, url: str, key: str) -> None:
        self.make("login", f"URL={url}", given=key + "\n")

    def adopt(self, solution: Path) -> None:
        """Take over the solved files, as if the student had typed them."""
        manifest = json.loads((self.workspace / ".grader" / "releases" / "hw0.json").read_text())
        for path, said in manifest["files"].items():
            if said["kind"] == "stub":
                shutil.copyfile(solution / path, self.workspace / path)

    def test(self) -> None:
        self.make("test", "HW=hw0", codes=(0, 2))  # make exits with 2 when tests fail
        results = json.loads((self.workspace / "build" / "results" / "hw0.json").read_text())
        said = [one["extra_data"] for one in results["tests"]]
        self.local = {one["question"]: [one["passed"], one["total"]] for one in said}

    def submit(self) -> None:
        self.make("submit", "HW=hw0")
        standing = json.loads(self.run([".venv/bin/grader", "status", "--json"]))
        self.score = standing["assignments"][0]["score"]

    def summary(self, expected: float) -> dict[str, Any]:
        return {"name": self.name, "local": self.local, "score": self.score, "expected": expected}
