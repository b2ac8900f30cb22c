"""One course for all processes of a test session: a server, and of each homework two built workspaces.

The session's first process makes the folder, and ends the server that any of them started.
"""

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.client import Client, Login
from grader.course.policy import Course
from grader.errors import GraderError
from grader.publishing.hosting import KEY, READY, start_server
from grader.publishing.publish import publish
from grader.publishing.trials import Trials, begin_from, copy_built, prepare
from grader.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[1]
MOST_SEEDS = 4  # a test's student draws a few

_FOLDER = pytest.StashKey[Path]()


@dataclass(frozen=True)
class Server:
    """A real server of this course, and the folder of its data."""

    url: str
    key: str  # the first instructor's
    data: Path

    @property
    def client(self) -> Client:
        return Client(Login(self.url, self.key))

    def copy_data(self, to: Path) -> Path:
        """Copy what it keeps, while others may be submitting to it, for a server of a test's own."""
        shutil.copytree(self.data / "files", to / "files")
        shutil.copy(self.data / KEY, to)
        with (
            closing(sqlite3.connect(self.data / "course.db")) as old,
            closing(sqlite3.connect(to / "course.db")) as new,
        ):
            old.backup(new)
        return to


class SharedCourse:
    """What is built, started and published here serves every process of the session, and is made once."""

    def __init__(self, folder: Path):
        self.course = Course(ROOT)
        self.folder = folder

    def trials(self, homework: str) -> Trials:
        """Return a homework's two workspaces, which nobody may change: publishing tries its cases on them."""
        place, built = self.folder / "trials" / homework, self.folder / f"{homework}.built"
        with self._alone(homework):
            if not built.exists():
                self._begin(homework)
                prepare(self.course, self.course.assignment(homework), place)
                built.touch()
        return Trials(place / "solved", place / "stubs")

    def server(self) -> Server:
        """Return the server, running, with whatever was published by now."""
        data = self.folder / "server"
        with self._alone("server"):
            if not (data / READY).exists():
                started = start_server(ROOT, data, port=0)
                started.process.returncode = 0  # it outlives this process
        return Server(json.loads((data / READY).read_text())["url"], (data / KEY).read_text().strip(), data)

    def publish(self, homework: str) -> Server:
        """Publish a homework, unless a process has done so. Raises: GraderError, in every process alike."""
        server, outcome = self.server(), self.folder / f"{homework}.published"
        with self._alone(homework):
            if not outcome.exists():
                outcome.write_text(self._published(homework, server))
        if outcome.read_text():
            raise GraderError(outcome.read_text())
        return server

    def _published(self, homework: str, server: Server) -> str:
        """Publish, and return what stands against it."""
        self._begin(homework)
        options: dict[str, Any] = {"top_up": False, "scratch": self.folder / "trials"}
        try:
            publish(ROOT, homework, server.client, say=print, most_seeds=MOST_SEEDS, **options)
        except GraderError as error:
            return str(error)
        return ""

    def _begin(self, homework: str) -> None:
        """Begin with what was built for the homework before, where there is one."""
        names = [assignment.id for assignment in self.course.assignments]
        before, trials = names[max(names.index(homework) - 1, 0)], self.folder / "trials"
        if before != homework and not (trials / homework).exists():
            with self._alone(before):
                begin_from(trials / before, trials / homework)

    @contextmanager
    def _alone(self, what: str) -> Iterator[None]:
        with open(self.folder / f"{what}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Workspaces:
    """One process's own workspaces: a test may change a file that it puts back."""

    def __init__(self, shared: SharedCourse, folder: Path):
        self._shared = shared
        self._folder = folder
        self._made: dict[Path, Workspace] = {}

    def solved(self, homework: str) -> Workspace:
        """Return a built workspace with the reference's bodies, up to a homework."""
        return self._own(homework, "solved")

    def untouched(self, homework: str) -> Workspace:
        """Return a built workspace with a homework's stubs, and everything before it solved."""
        return self._own(homework, "stubs")

    def _own(self, homework: str, which: str) -> Workspace:
        place = self._folder / homework / which
        if place not in self._made:
            copy_built(getattr(self._shared.trials(homework), which), place)
            self._made[place] = Workspace(place)
        return self._made[place]


def end_process(process: int) -> None:
    """End a process that another one may have started, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
        while True:
            with suppress(ChildProcessError):  # it is no child of this one
                os.waitpid(process, os.WNOHANG)
            os.kill(process, 0)
            time.sleep(0.02)


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> SharedCourse:
    return SharedCourse(pytestconfig.stash[_FOLDER])


@pytest.fixture(scope="session")
def workspaces(shared: SharedCourse, tmp_path_factory: pytest.TempPathFactory) -> Workspaces:
    return Workspaces(shared, tmp_path_factory.mktemp("workspaces"))


@pytest.fixture(scope="session")
def hosted(shared: SharedCourse) -> Server:
    """A real server on a free port, with the whole course published."""
    for assignment in shared.course.assignments:
        shared.publish(assignment.id)
    return shared.server()


@pytest.fixture(scope="session")
def trials(shared: SharedCourse) -> Trials:
    """The two workspaces of hw0, for tests that only read and need any homework."""
    return shared.trials("hw0")


@pytest.fixture(scope="session")
def solved(workspaces: Workspaces) -> Workspace:
    """A built workspace of hw0 with the reference's bodies, for tests that need any homework."""
    return workspaces.solved("hw0")


@pytest.fixture(scope="session")
def untouched(workspaces: Workspaces) -> Workspace:
    """A built workspace of hw0 with the stubs, for tests that need any homework."""
    return workspaces.untouched("hw0")


@pytest.fixture
def enrol(shared: SharedCourse, request: pytest.FixtureRequest) -> Callable[..., Client]:
    """Return a function that makes a new student and gives their client: a homework is published by then."""

    def one(homework: str = "hw0") -> Client:
        server = shared.publish(homework)
        email = f"{uuid.uuid4().hex}@example.org"
        person = {"name": request.node.name, "email": email, "role": "student"}
        [added] = server.client.post("/roster", {"people": [person]})["people"]
        return Client(Login(server.url, added["key"]))

    return one


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `homework` on each one of the course."""
    if "homework" in metafunc.fixturenames:
        metafunc.parametrize("homework", [assignment.id for assignment in Course(ROOT).assignments])


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.stash[_FOLDER] = Path(config.workerinput["shared_course"])
        return
    config.stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="course-")).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends as well


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared_course"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[_FOLDER]
    ready = folder / "server" / READY
    if ready.exists():
        end_process(json.loads(ready.read_text())["pid"])
    shutil.rmtree(folder, ignore_errors=True)
