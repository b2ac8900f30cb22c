"""Run a scoring server with the whole course published: for trying it out, and for learning alone."""

import functools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from grader.client import Client, Login, load_login, login_file, save_login
from grader.course.policy import Course
from grader.errors import GraderError, Rejected
from grader.publishing.project import publish_project
from grader.publishing.publish import publish
from grader.publishing.trials import begin_from
from grader.workspace.folder import RELEASES
from grader.workspace.start import start, workspace_at

START_LIMIT = 60.0  # seconds
READY, KEY = "ready.json", "instructor.key"  # in a server's data: where it listens, and its instructor's key


@dataclass(frozen=True)
class Hosted:
    """A server that runs as a child of this process."""

    url: str
    key: str  # the first instructor's
    process: "subprocess.Popen[bytes]"

    @property
    def client(self) -> Client:
        return Client(Login(self.url, self.key))


def serve_published(
    root: Path,
    data: Path,
    port: int,
    ready_file: Path | None,
    key_file: Path | None,
    most_seeds: int | None,
    *options: str,
) -> int:
    """Serve the course of `root`, publish what is not published yet, and wait until the server ends."""
    with running(root, data, port, *options) as hosted:
        publish_all(root, hosted, most_seeds)
        if key_file:
            _write_key(key_file, hosted.key)
        if ready_file:
            ready_file.write_text(json.dumps({"url": hosted.url, "pid": hosted.process.pid}))
        print(f"The course is open at {hosted.url}. Ctrl-C ends it.", flush=True)
        return hosted.process.wait()


def learn(root: Path, workspace: Path, port: int) -> int:
    """Give a self-learner a workspace that is logged in to a server of their own, and serve until Ctrl-C."""
    place, data = workspace_at(workspace).root, root / "data" / "learn"
    _refuse_another_course(place)
    with running(root, data, port) as hosted:
        publish_all(root, hosted)
        issue_to_oneself(hosted.client)
        if not (place / RELEASES).is_dir():
            start(Course(root).assignments[0].id, hosted.url, place, [], [])
        save_login(place, Login(hosted.url, _learner_key(hosted.client, data)))
        print(f"Your workspace is {place}, logged in to {hosted.url}.")
        print(f"In another terminal: cd {place} && make test")
        print("Ctrl-C ends the server; `make learn` starts it again, with your scores.", flush=True)
        return hosted.process.wait()


def issue_to_oneself(client: Client) -> None:
    """Have the server's certificates say that nobody but the learner stands behind them."""
    policy = client.get("/policy")["content"]
    if not policy["certificate"]["self_issued"]:
        certificate = policy["certificate"] | {"self_issued": True}
        client.post("/regrade", {"policy": policy | {"certificate": certificate}})


def _refuse_another_course(place: Path) -> None:
    """Keep the login of a workspace that belongs to somebody's course.

    Raises: GraderError.
    """
    url = load_login(place).url if login_file(place).is_file() else ""
    if url and urlsplit(url).hostname != "127.0.0.1":
        raise GraderError(
            f"{place}: this workspace is logged in to {url}. Expected a folder for learning alone. "
            "Name a new one: make learn INTO=FOLDER"
        )


@contextmanager
def running(root: Path, data: Path, port: int, *options: str) -> Iterator[Hosted]:
    """Start a server in a process of its own, with more options of `grader serve`, and end it with the block.

    It ends as well when this process is terminated.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    hosted = start_server(root, data, port, *options)
    try:
        yield hosted
    finally:
        hosted.process.terminate()
        hosted.process.wait()


def start_server(root: Path, data: Path, port: int, *options: str) -> Hosted:
    """Start a server in a process of its own, and return once it answers; the caller ends it."""
    data.mkdir(parents=True, exist_ok=True)
    ready, key = (data / READY).resolve(), (data / KEY).resolve()
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "grader.cli", "serve", "--port", str(port)]
    files = ["--data", str(data.resolve()), "--ready-file", str(ready), "--key-file", str(key)]
    process = subprocess.Popen([*command, *options, *files], cwd=root)
    try:
        _wait_for(ready, process)
        return Hosted(json.loads(ready.read_text())["url"], key.read_text().strip(), process)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _wait_for(ready: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_LIMIT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise GraderError(
                "The server did not start; its own words stand above. "
                "If the port is taken, name another: PORT=8415, or PORT=0 for a free one."
            )
        time.sleep(0.05)


def publish_all(root: Path, hosted: Hosted, most_seeds: int | None = None) -> None:
    """Publish every assignment of the course whose cases the server does not have yet, and the project."""
    published = {one["id"]: one["cases_digest"] for one in hosted.client.get("/assignments")}
    scratch, say = root / "build" / "publish", functools.partial(print, flush=True)
    before = None
    for assignment in Course(root).assignments:
        folder = scratch / assignment.id
        if published.get(assignment.id) != assignment.cases_digest():
            if before:
                begin_from(before, folder)
            publish(
                root,
                assignment.id,
                hosted.client,
                top_up=False,
                say=say,
                scratch=scratch,
                most_seeds=most_seeds,
            )
        before = folder
    if Course(root).project is not None:
        answer = publish_project(root, hosted.client)
        say(f"project: version {answer['number']}. {answer['text']}")


def _write_key(path: Path, key: str) -> None:
    path.touch(mode=0o600)
    path.write_text(key)


def _learner_key(client: Client, data: Path) -> str:
    """Return the one learner's key, making the person on the first day."""
    kept = data / "learner.key"
    if not kept.exists():
        person = {"name": "Self-learner", "email": "learner@localhost", "role": "student"}
        try:
            [added] = client.post_once("/roster", {"people": [person]})["people"]
        except Rejected as error:
            raise GraderError(f"{error} Remove {data} to begin anew.") from None
        _write_key(kept, added["key"])
    return kept.read_text().strip()
