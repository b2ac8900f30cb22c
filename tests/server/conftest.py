"""Servers of the small course, a process of one, its databases and its log."""

import io
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from postgres_server import emptied, postgres_server
from running_server import Person, Running
from server_process import COURSE_YAML, SERVE, Process
from tiny_course import CASES, DIGEST, FIELDS, POLICY, QUESTIONS, publication, right, solve, with_value

from grader.server.operation.logs import WithoutKeys
from grader.server.web.guard import LOG


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


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """Let nothing wait for the disk: what a test's server keeps need not outlive this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with `tiny0` published, which many tests share: each brings its own student."""
    running = Running(tmp_path_factory.mktemp("shared"))
    assert running.instructor.publish(publication()).status_code == 200
    for name in ("later", "over"):
        assert running.instructor.publish(publication(range(3), name=name), name).status_code == 200
    yield running
    running.stop()


@pytest.fixture(scope="session")
def ending() -> Iterator[list[Running]]:
    """Servers that were told to stop, each of which takes a while: the next test begins meanwhile."""
    told: list[Running] = []
    yield told
    for running in told:
        running.stop()


@pytest.fixture
def start(tmp_path: Path, ending: list[Running]) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a server of the test's own."""
    started: list[Running] = []

    def one(data: Path | None = None, **settings: Any) -> Running:
        started.append(Running(data or tmp_path / f"data{len(started)}", **settings))
        return started[-1]

    yield one
    for running in started:
        running.end()
    ending[:] = [running for running in [*ending, *started] if running.lives]


@pytest.fixture
def student(server: Running) -> Person:
    return server.student()


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
