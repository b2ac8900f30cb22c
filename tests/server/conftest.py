"""A small course whose cases need only NumPy, a real server on a free port, and people who talk to it."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import requests
import uvicorn
from postgres_server import emptied, postgres_server

from grader.course.policy import Policy
from grader.grading.cases import Case, run_case
from grader.grading.values import take_apart
from grader.grading.wire import bytes_array, pack
from grader.server.app import create_app
from grader.server.operation.logs import WithoutKeys
from grader.server.settings import Settings
from grader.server.web.guard import LOG

DIGEST = "a" * 64
POLICY = Policy.model_validate(
    {
        "id": "tiny",
        "title": "A <small> course",
        "time_zone": "Europe/Berlin",
        "attempts_per_hour": 20,
        "requests_per_minute": 100_000,  # tests ask in a minute what a course does in a day
        "attempt_expiry_minutes": 120,
        "assignments": [
            {"id": "tiny0", "weight": 3},
            {"id": "later", "weight": 1, "release": datetime(2990, 1, 1)},
            {"id": "over", "weight": 0, "release": datetime(2001, 1, 1), "due": datetime(2001, 2, 1)},
            {"id": "unpublished", "weight": 0},
        ],
    }
)
FIELDS = {"id": "tiny0", "title": "Tiny <b>", "path": ["tiny"], "adds": ["tiny/work.py", "tiny/more.py"]}
QUESTIONS = [
    {
        "id": "double",
        "title": "Double & more",
        "points": 40,
        "implement": ["tiny.work.double"],
        "group": "Numbers",
    },
    {"id": "classify", "title": "Classify", "points": 60, "implement": ["tiny.work.classify"]},
]


def _array(rng: np.random.Generator) -> Any:
    return rng.normal(size=(3, 2)).astype("float32") * 2


def _tree(rng: np.random.Generator) -> Any:
    x = rng.normal(size=4)
    return {"sum": float(x.sum()), "count": 4, "parts": [x, (x > 0).astype("int64")], "kind": x.dtype}


def _figure(rng: np.random.Generator) -> Any:
    return rng.integers(0, 5, size=20)


def _whole(rng: np.random.Generator) -> Any:
    return rng.integers(0, 1000, size=3)


CASES = {
    "double": {"array": Case(_array), "tree": Case(_tree)},
    "classify": {"figure": Case(_figure, figure="error_rate", at_most=0.25), "whole": Case(_whole)},
}


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.shift

    def move(self, **by: float) -> None:
        self.shift += timedelta(**by)


def publication(
    seeds: range = range(100, 140), digest: str = DIGEST, name: str = "tiny0", **changes: Any
) -> bytes:
    """Return what an instructor publishes; a change of None leaves a field or the release out."""
    expected: dict[str, Any] = {}
    arrays: dict[str, Any] = {"release": bytes_array(f"archive of {name} {digest}".encode())}
    for question, cases in CASES.items():
        for case, one in cases.items():
            by_seed = expected.setdefault(f"{question}/{case}", {})
            for seed in seeds:
                outcome = run_case(one, seed)
                by_seed[str(seed)] = {"tree": outcome.tree, "inputs": outcome.inputs}
                arrays |= {f"{question}/{case}/{seed}/{at}": a for at, a in enumerate(outcome.arrays)}
    description: dict[str, Any] = {
        "definition": FIELDS | {"id": name, "questions": QUESTIONS},
        "cases_digest": digest,
        "cases": {
            question: {name: case.rules() for name, case in named.items()}
            for question, named in CASES.items()
        },
        "expected": expected,
        "reference": {"numpy": np.__version__, "python": "3.11"},
        "top_up": False,
    }
    if "release" in changes:
        arrays |= {"release": changes.pop("release")}
    arrays = {name: array for name, array in arrays.items() if array is not None} | changes.pop("arrays", {})
    return pack({key: value for key, value in (description | changes).items() if value is not None}, arrays)


def solve(attempt: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the description and the arrays of the right answer to an attempt."""
    values, arrays = {}, {"source:tiny/work.py": bytes_array(b"def double(x): ...")}
    for question, seeds in attempt["seeds"].items():
        for case, seed in seeds.items():
            outcome = run_case(CASES[question][case], seed)
            values[f"{question}/{case}"] = {"tree": outcome.tree, "inputs": outcome.inputs}
            arrays |= {f"{question}/{case}/{at}": array for at, array in enumerate(outcome.arrays)}
    return {"values": values, "client": {"python": "3.11", "numpy": np.__version__, "platform": "x"}}, arrays


def right(attempt: dict[str, Any]) -> bytes:
    return pack(*solve(attempt))


def with_value(attempt: dict[str, Any], name: str, value: object) -> bytes:
    """Return the right answer, but for one case."""
    description, arrays = solve(attempt)
    arrays = {key: array for key, array in arrays.items() if not key.startswith(f"{name}/")}
    tree, found = take_apart(value)
    description["values"][name]["tree"] = tree
    return pack(description, arrays | {f"{name}/{at}": array for at, array in enumerate(found)})


class Person:
    """Someone with a key, at a server."""

    def __init__(self, url: str, key: str, email: str = ""):
        self.url, self.key, self.email = url, key, email

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"} | options.pop("headers", {})
        return requests.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=60, **options)

    def get(self, path: str) -> Any:
        return _ok(self.request("GET", path))

    def post(self, path: str, content: object) -> requests.Response:
        return self.request("POST", path, json=content)

    def publish(self, body: bytes, name: str = "tiny0") -> requests.Response:
        return self.request("PUT", f"/assignments/{name}", data=body)

    def draw(self, *questions: str, digest: str = DIGEST, assignment: str = "tiny0") -> requests.Response:
        content = {"assignment": assignment, "questions": list(questions), "cases_digest": digest}
        return self.post("/attempts", content)

    def drawn(self, *questions: str) -> dict[str, Any]:
        response = self.draw(*questions)
        assert response.status_code == 201, response.text
        return response.json()

    def answer(self, attempt: dict[str, Any], body: bytes, key: str = "k") -> requests.Response:
        headers = {"Idempotency-Key": key, "Content-Type": "application/octet-stream"}
        return self.request("POST", f"/attempts/{attempt['id']}/answers", data=body, headers=headers)

    def scored(self, attempt: dict[str, Any], body: bytes | None = None) -> dict[str, Any]:
        return _ok(self.answer(attempt, right(attempt) if body is None else body))


def _ok(response: requests.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


class Running:
    """A server in a thread of this process."""

    def __init__(self, data: Path, policy: Policy = POLICY, database_url: str | None = None, **settings: Any):
        self.clock = Clock()
        self.data = data
        self.app = create_app(Settings(data, policy, database_url, self.clock, **settings))
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url, self.address = f"http://127.0.0.1:{port}", ("127.0.0.1", port)
        self.instructor = Person(self.url, self.app.state.services.people.first_instructor() or "")
        self._made = 0

    def student(self, name: str = "A Student") -> Person:
        self._made += 1
        email = f"s{self._made}@example.org"
        content = {"people": [{"name": name, "email": email, "role": "student"}]}
        [one] = _ok(self.instructor.post("/roster", content))["people"]
        return Person(self.url, one["key"], email)

    def query(self, sql: str) -> list[Any]:
        with self.app.state.services.database.engine.connect() as connection:
            return list(connection.exec_driver_sql(sql).all())

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """Return what builds publications and answers."""
    return SimpleNamespace(
        publication=publication,
        solve=solve,
        right=right,
        with_value=with_value,
        policy=POLICY,
        digest=DIGEST,
        Person=Person,
        Running=Running,
        cases=CASES,
        serve=SERVE,
        course_yaml=COURSE_YAML,
        definition=FIELDS | {"questions": QUESTIONS},
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with `tiny0` published, which many tests share: each brings its own student."""
    running = Running(tmp_path_factory.mktemp("shared"))
    assert running.instructor.publish(publication()).status_code == 200
    for name in ("later", "over"):
        assert running.instructor.publish(publication(range(3), name=name), name).status_code == 200
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a server of the test's own."""
    started: list[Running] = []

    def one(data: Path | None = None, **settings: Any) -> Running:
        started.append(Running(data or tmp_path / f"data{len(started)}", **settings))
        return started[-1]

    yield one
    for running in started:
        running.stop()


@pytest.fixture
def student(server: Running) -> Person:
    return server.student()


SERVE = """
import sys
from pathlib import Path

from grader.server.command import Listening, serve

if __name__ == "__main__":
    root, data, ready, key = map(Path, sys.argv[1:5])
    listening = Listening(port=0, workers=int(sys.argv[5]), ready_file=ready, key_file=key, log="json")
    sys.exit(serve(root, {"data": data, "database_url": sys.argv[6] or None}, listening))
"""
COURSE_YAML = "id: tiny\ntitle: Tiny\nassignments:\n  - id: tiny0\n"
ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A server in a process of its own."""

    def __init__(self, folder: Path, workers: int = 1, database: str = ""):
        self.ready, self.key_file = folder / "ready.json", folder / "instructor.key"
        self.ready.unlink(missing_ok=True)
        (folder / "course.yaml").write_text(COURSE_YAML)
        program = folder / "serve.py"  # a file, since several processes are started from it
        program.write_text(SERVE)
        files = [folder, folder / "data", self.ready, self.key_file]
        command = [sys.executable, program, *files, str(workers), database]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        end = time.monotonic() + 30
        while not self.ready.exists():
            assert self._popen.poll() is None, self._popen.communicate()[1]
            assert time.monotonic() < end
            time.sleep(0.02)
        said = json.loads(self.ready.read_text())
        self.url, self.pid = said["url"], said["pid"]

    def children(self) -> list[int]:
        """Return the processes that serve for this one."""
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True
        )
        found = [line.split(None, 2) for line in listed.stdout.splitlines()]
        return [int(pid) for pid, parent, what in found if int(parent) == self.pid and "spawn_main" in what]

    @property
    def lives(self) -> bool:
        return self._popen.poll() is None

    def kill(self, pid: int) -> None:
        assert pid in self.children()
        os.kill(pid, signal.SIGKILL)

    def end(self, how: signal.Signals) -> tuple[str, str]:
        self._popen.send_signal(how)
        return self._popen.communicate(timeout=20)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Return a function that starts a server in a process of its own, on the test's folder."""
    started: list[Process] = []

    def one(**options: Any) -> Process:
        started.append(Process(tmp_path, **options))
        return started[-1]

    yield one
    for process in started:
        if process.lives:
            process.end(signal.SIGKILL)


class Log(io.StringIO):
    def line_with(self, text: str) -> str:
        """Return the first line with a text. A request is logged after its reply was sent, so this waits."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for line in self.getvalue().splitlines():
                if text in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no {text!r} in {self.getvalue()!r}")


@pytest.fixture
def log() -> Iterator[Log]:
    """What the server logs during a test."""
    stream = Log()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutKeys("%(levelname)s %(message)s"))
    LOG.addHandler(handler)
    level = LOG.level
    LOG.setLevel(logging.INFO)
    yield stream
    LOG.removeHandler(handler)
    LOG.setLevel(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL database: a given one, or a server of our own."""
    given = os.environ.get("NEEDLE_TEST_POSTGRES")
    if given:
        yield given
        return
    with postgres_server() as running:
        yield running.address


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    return emptied(postgres)


@pytest.fixture(scope="module")
def s3_bucket() -> Iterator[str]:
    """The address of an empty bucket on an S3-compatible server, which the environment names."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="course")
        yield "s3://course"
    server.stop()
