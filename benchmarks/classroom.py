"""A made-up course for loads: an assignment of 12 questions of known values, a server, a roster."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.client import Client
from grader.grading.cases import Case, run_case
from grader.grading.wire import bytes_array, pack
from grader.publishing.hosting import Hosted, start_server

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from postgres_server import PostgresServer, postgres_server  # type: ignore[import-not-found]

QUESTIONS, CASES_EACH, SEEDS = 12, 2, 500
DIGEST = "d" * 64
POINTS = [8.33] * (QUESTIONS - 1) + [8.37]
NAME = "night"
COURSE = f"""
id: deadline
title: Deadline night
attempts_per_hour: 100000
requests_per_minute: 1000000
assignments:
  - id: {NAME}
"""


def _value(rng: np.random.Generator) -> object:
    return {"out": rng.normal(size=(8, 16)).astype("float32"), "loss": float(rng.normal())}


CASES = [(f"question{at}", f"case{case}") for at in range(QUESTIONS) for case in range(CASES_EACH)]


def outcomes() -> dict[int, tuple[Any, str, bytes, list[Any]]]:
    """Return by seed what every case gives: its tree, its inputs, its one array's bytes and shape."""
    found = {}
    for seed in range(SEEDS):
        outcome = run_case(Case(_value), seed)
        [array] = outcome.arrays
        found[seed] = (outcome.tree, outcome.inputs, array.tobytes(), list(array.shape))
    return found


def publication() -> bytes:
    """Return the assignment with its expected values, as an instructor sends it."""
    questions = [
        {"id": f"question{at}", "title": f"Question {at}", "points": POINTS[at], "implement": ["x.y.z"]}
        for at in range(QUESTIONS)
    ]
    expected: dict[str, dict[str, object]] = {}
    arrays = {"release": bytes_array(b"an archive")}
    known = {seed: run_case(Case(_value), seed) for seed in range(SEEDS)}
    for question, case in CASES:
        by_seed = expected.setdefault(f"{question}/{case}", {})
        for seed, outcome in known.items():
            by_seed[str(seed)] = {"tree": outcome.tree, "inputs": outcome.inputs}
            arrays[f"{question}/{case}/{seed}/0"] = outcome.arrays[0]
    rules = {
        f"question{at}": {f"case{case}": Case(_value).rules() for case in range(CASES_EACH)}
        for at in range(QUESTIONS)
    }
    description = {
        "definition": {
            "id": NAME,
            "title": "Night",
            "path": ["x"],
            "adds": ["x/y.py"],
            "questions": questions,
        },
        "cases_digest": DIGEST,
        "cases": rules,
        "expected": expected,
        "reference": {"numpy": np.__version__, "python": "3"},
        "top_up": False,
    }
    return pack(description, arrays)


@dataclass
class Classroom:
    """A course with its folder, the options of its server, and its students' keys."""

    root: Path
    options: list[str]
    keys: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.root / "data"

    def start(self, port: int = 0) -> Hosted:
        return start_server(self.root, self.data, port, *self.options)

    def open(self, hosted: Hosted, students: int) -> None:
        """Publish the assignment and enrol the students."""
        hosted.client.send_blob("PUT", f"/assignments/{NAME}", publication())
        for first in range(0, students, 500):
            people = [_person(at) for at in range(first, min(first + 500, students))]
            made = hosted.client.post("/roster", {"people": people})["people"]
            self.keys += [one["key"] for one in made]


def _person(at: int) -> dict[str, str]:
    return {"name": f"Student {at}", "email": f"student{at}@example.org", "role": "student"}


@contextmanager
def own_database(on_postgres: bool) -> Iterator[PostgresServer | None]:
    """Start PostgreSQL, durable as a course's would be; or nothing, for SQLite."""
    if not on_postgres:
        yield None
        return
    with postgres_server(durable=True) as running:
        yield running


@contextmanager
def classroom(database: str | None, workers: int) -> Iterator[Classroom]:
    """Make a course in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="classroom-") as name:
        root = Path(name)
        (root / "reference").mkdir()
        (root / "course.yaml").write_text(COURSE)
        options = ["--workers", str(workers), *(["--database", database] if database else [])]
        yield Classroom(root, options)


def processes_of(hosted: Hosted) -> list[int]:
    """Return a server's process, and those that it started; Linux only."""
    pid = hosted.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, children.read_text().split())] if children.exists() else [pid]


def cpu_seconds(pids: list[int]) -> float:
    """Return the processor time that processes have had; 0 where the system does not tell."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            after_name = stat.read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pids: list[int]) -> float:
    pages = [
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids if Path("/proc/self").exists()
    ]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def standing_of(client: Client) -> dict[str, float]:
    """Return everybody's score by e-mail address."""
    return {one["email"]: one["scores"].get(NAME, 0.0) for one in client.get("/gradebook")["people"]}


def load_command(plan: dict[str, object], path: Path) -> list[str]:
    """Write a plan for the load generator, and return the command that carries it out."""
    path.write_text(json.dumps(plan))
    return [sys.executable, str(Path(__file__).with_name("load.py")), str(path)]
