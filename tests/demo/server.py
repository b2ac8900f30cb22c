"""The instructor of the demo: releases, serves, publishes, and fills the roster."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from command import CommandFailed, Commands

GRADER = [sys.executable, "-m", "grader.cli"]
SEEDS = 8  # a case, for three students; by default 512, on which the reference works for minutes
START_LIMIT = 1200.0  # seconds, in which the reference runs on every seed


@dataclass
class Instructor:
    root: Path
    build: Path
    commands: Commands
    process: "subprocess.Popen[bytes] | None" = None
    url: str = ""
    key: str = ""

    @classmethod
    @contextmanager
    def open(cls, root: Path, build: Path, commands: Commands) -> "Iterator[Instructor]":
        """Yield an instructor whose server ends with the block."""
        instructor = cls(root, build, commands)
        try:
            yield instructor
        finally:
            if instructor.process:
                instructor.process.terminate()
                instructor.process.wait()

    @property
    def log(self) -> Path:
        return self.build / "instructor.log"

    def release(self, first: str) -> Path:
        """Release every homework, and return the archive with which a student begins."""
        self.commands.run([*GRADER, "release"], self.root, self.log)
        return self.root / "build" / "releases" / f"{first}.tar.gz"

    def serve(self) -> None:
        """Start the server on a free port and wait until the course is published."""
        ready, key = self.build / "ready.json", self.build / "instructor.key"
        files = ["--data", str(self.build / "server"), "--ready-file", str(ready), "--key-file", str(key)]
        command = [*GRADER, "serve", "--publish", "--seeds", str(SEEDS), "--port", "0", *files]
        with (self.build / "server.log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + START_LIMIT
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise CommandFailed(f"The server did not start:\n{(self.build / 'server.log').read_text()}")
            time.sleep(0.1)
        self.url, self.key = json.loads(ready.read_text())["url"], key.read_text().strip()

    def run(self, *command: str) -> str:
        """Give a command of the grader, logged in, and return what it prints."""
        environment = {**os.environ, "NEEDLE_GRADER_URL": self.url, "NEEDLE_GRADER_KEY": self.key}
        return self.commands.run([*GRADER, *command], self.root, self.log, env=environment)

    def enrol(self, name: str) -> str:
        """Add a student and return the key that is shown once."""
        said = self.run("roster", "add", name, f"{name}@example.org")
        found = re.search(r"ndl_\S+", said)
        assert found, said
        return found[0]

    def solution(self, homework: str, questions: tuple[str, ...] | None, into: Path) -> Path:
        """Write a workspace with the named questions of a homework solved, or with all of them."""
        chosen = [part for question in questions or () for part in ("--question", question)]
        self.commands.run([*GRADER, "solve", homework, "--into", str(into), *chosen], self.root, self.log)
        return into
