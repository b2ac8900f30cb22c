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
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from grader.client import Client, Login, load_login, login_file, save_login
from grader.course.policy import Course
from grader.credentials import GIVE_A_NAME, UNNAMED
from grader.errors import GraderError, Rejected
from grader.publishing.project import publish_project
from grader.publishing.publish import publish
from grader.publishing.trials import begin_from
from grader.server.messages.people import RosterPerson
from grader.workspace.folder import RELEASES
from grader.workspace.start import start, workspace_at

START_LIMIT = 60.0  # seconds
READY, KEY = "ready.json", "instructor.key"  # in a server's data: where it listens, and its instructor's key
LEARNER = "learner.key"  # beside them


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
        for _ in publish_all(root, hosted, most_seeds):
            pass
        if key_file:
            _write_key(key_file, hosted.key)
        if ready_file:
            ready_file.write_text(json.dumps({"url": hosted.url, "pid": hosted.process.pid}))
        print(f"The course is open at {hosted.url}. Ctrl-C ends it.", flush=True)
        return hosted.process.wait()


def learn(root: Path, workspace: Path, port: int, name: str | None = None) -> int:
    """Give a self-learner a workspace that is logged in to a server of their own, and serve until Ctrl-C.

    The name is what a certificate shows; on a terminal the first day asks for it.
    """
    place, data = workspace_at(workspace).root, root / "data" / "learn"
    _refuse_another_course(place)
    if name is None and not (data / LEARNER).exists():
        name = _ask_for_name()
    learner = _learner(name)
    with running(root, data, port) as hosted:
        publishing = publish_all(root, hosted)
        next(publishing)  # enough to begin with
        issue_to_oneself(hosted.client)
        if not (place / RELEASES).is_dir():
            start(Course(root).assignments[0].id, hosted.url, place, [], [])
        save_login(place, Login(hosted.url, learner_key(hosted.client, data, learner)))
        print(f"Your workspace is {place}, logged in to {hosted.url}.")
        print(f"In another terminal: cd {place} && make test")
        print("Ctrl-C ends the server; `make learn` starts it again, with your scores.", flush=True)
        for _ in publishing:
            pass
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


def publish_all(root: Path, hosted: Hosted, most_seeds: int | None = None) -> Iterator[str]:
    """Publish each assignment of the course whose cases the server does not have yet, and the project.

    Yields the name of each once it is published, in the course's order.
    """
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
        yield assignment.id
    if Course(root).project is not None:
        answer = publish_project(root, hosted.client)
        say(f"project: version {answer['number']}. {answer['text']}")
        yield "project"


def _write_key(path: Path, key: str) -> None:
    path.touch(mode=0o600)
    path.write_text(key)


def _ask_for_name() -> str | None:
    if not sys.stdin.isatty():
        return None
    return input("Your name, as a certificate is to show it (Enter: none for now): ").strip() or None


def _learner(name: str | None) -> RosterPerson:
    """Return the learner under a name. Raises: GraderError for one that no certificate could show."""
    try:
        return RosterPerson.model_validate(
            {"name": UNNAMED if name is None else name, "email": "learner@localhost", "role": "student"}
        )
    except ValidationError:
        said = f"{name!r}: this is no name. Expected one line of 1 to 200 letters"
        raise GraderError(f"{said}. Give it again: {GIVE_A_NAME}") from None


def learner_key(client: Client, data: Path, learner: RosterPerson) -> str:
    """Return the one learner's key: the person is made on the first day, and takes a name that is given."""
    kept, content = data / LEARNER, {"people": [learner.model_dump()]}
    if not kept.exists():
        try:
            [added] = client.post_once("/roster", content)["people"]
        except Rejected as error:
            raise GraderError(f"{error} Remove {data} to begin anew.") from None
        _write_key(kept, added["key"])
    elif learner.name != UNNAMED:
        client.post("/roster", content)
    key = kept.read_text().strip()
    own = Client(Login(client.url, key))
    if own.get("/me")["name"] == UNNAMED:
        print(f"A certificate would name you {UNNAMED}. To give your name: {GIVE_A_NAME}")
    elif learner.name != UNNAMED:
        _reissue(client, own.get("/certificate")["certificate"], learner)
    return key


def _reissue(client: Client, held: dict[str, Any] | None, learner: RosterPerson) -> None:
    """Replace a certificate that holds and has another name."""
    if held and not held["revoked_at"] and held["name"] != learner.name:
        issued = client.post("/certificates/reissue", {"email": learner.email})
        print(f"There is a new certificate, of {issued['name']}. In your workspace: grader certificate")
