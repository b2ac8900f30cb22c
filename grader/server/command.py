"""`grader serve`: run the server of a course, in one process or in several that listen together."""

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import uvicorn

from grader.course.policy import Policy
from grader.course.yamlfile import read_yaml
from grader.errors import GraderError
from grader.server.app import create_app
from grader.server.operation.logs import log_to_stderr
from grader.server.operation.metrics import SHARED
from grader.server.settings import Settings

_BACKLOG = 2048  # connections that may wait to be taken
_FINISHING = 30  # seconds that requests in flight are given when the server is stopped
_LOOK_EVERY = 0.2  # seconds between looks at whether a process ended


@dataclass(frozen=True)
class Listening:
    """Where and how a server takes requests."""

    host: str = "127.0.0.1"
    port: int = 8414  # 0 takes a free one
    workers: int = 1
    behind_proxy: str | None = None  # the proxy's address or network, whose word on the client is taken
    log: Literal["text", "json"] = "text"
    ready_file: Path | None = None
    key_file: Path | None = None


class _Announcing(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]):
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def serve(root: Path, settings: dict[str, Any], listening: Listening) -> int:
    """Serve the course of a repository until interrupted; SIGTERM lets requests in flight end first.

    On the first start an instructor is made, whose key is printed once or is in `key_file`.
    Raises: CourseError; GraderError when the address is taken.
    """
    said = Settings(policy=read_yaml(root / "course.yaml", Policy), **settings)
    bound = _listen(listening.host, listening.port)
    if listening.workers > 1:
        return _serve_together(said, listening, bound)
    return _serve_alone(said, listening, bound)


def _serve_alone(settings: Settings, listening: Listening, bound: socket.socket) -> int:
    log_to_stderr(listening.log)
    app = create_app(settings)

    def announce() -> None:
        _announce(settings, listening, bound, app.state.services.people.first_instructor())

    try:
        _Announcing(_config(app, listening), announce).run(sockets=[bound])
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def _announce(settings: Settings, listening: Listening, bound: socket.socket, first_key: str | None) -> None:
    url = _url(bound)
    print(f"Serving {settings.policy.title} at {url}. Stop with Ctrl-C.", flush=True)
    if first_key:
        _hand_over(first_key, listening)
    if listening.ready_file:
        _write_whole(listening.ready_file, json.dumps({"url": url, "pid": os.getpid()}))


def _hand_over(key: str, listening: Listening) -> None:
    """Show the first key, which can't be shown again or, where what is printed is kept as a log, its file."""
    if listening.key_file and listening.log == "json":
        with contextlib.suppress(OSError):  # then it is shown all the same
            _write_secret(listening.key_file, key + "\n")
            print(f"The instructor's key is in {listening.key_file}.", flush=True)
            return
    print(f"The instructor's key, shown this once: {key}", flush=True)
    if listening.key_file:
        _write_secret(listening.key_file, key + "\n")


def _config(app: Any, listening: Listening) -> uvicorn.Config:
    # uvicorn's own access log is off: it would hold whole addresses
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_FINISHING,
        server_header=False,
        proxy_headers=listening.behind_proxy is not None,
        forwarded_allow_ips=listening.behind_proxy,
    )


def _serve_together(settings: Settings, listening: Listening, bound: socket.socket) -> int:
    """Run several processes on one address, and start one anew that ended unasked."""
    with tempfile.TemporaryDirectory(prefix="needle-metrics-") as shared:
        os.environ[SHARED] = shared  # read when a worker imports Prometheus's client
        workers = _Workers(settings, listening, bound)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, workers.stop)
        return workers.run()


class _Workers:
    """The processes of a server. They are spawned, so that none inherits another's connections."""

    def __init__(self, settings: Settings, listening: Listening, bound: socket.socket):
        self._context = multiprocessing.get_context("spawn")
        self._settings, self._listening, self._bound = settings, listening, bound
        self._ready = self._context.SimpleQueue()
        self._stopping = False
        self._running: list[BaseProcess] = []

    def run(self) -> int:
        """Start them one after another, so that the first migrates, and keep them going until stopped."""
        first_key, started = None, True
        while started and len(self._running) < self._listening.workers:
            self._running.append(self._start())
            started = self._await_ready()
            first_key = (self._ready.get() if started else None) or first_key
        if started:
            _announce(self._settings, self._listening, self._bound, first_key)
            self._watch()
        for one in self._running:
            one.join()
        return 0 if started else 1

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping = True
        for one in self._running:
            if one.pid and one.is_alive():
                one.terminate()

    def _start(self) -> BaseProcess:
        process = self._context.Process(
            target=_work, args=(self._settings, self._listening, self._bound, self._ready)
        )
        process.start()
        return process

    def _await_ready(self) -> bool:
        while self._ready.empty():
            if not self._running[-1].is_alive():
                self.stop()
                return False
            time.sleep(0.02)
        return True

    def _watch(self) -> None:
        while not self._stopping:
            time.sleep(_LOOK_EVERY)
            while not self._ready.empty():
                self._ready.get()
            for at, one in enumerate(self._running):
                if not one.is_alive() and not self._stopping:
                    self._running[at] = self._start()


def _work(settings: Settings, listening: Listening, bound: socket.socket, ready: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    log_to_stderr(listening.log)
    app = create_app(settings)
    first_key = app.state.services.people.first_instructor()
    with contextlib.suppress(KeyboardInterrupt):
        _Announcing(_config(app, listening), lambda: ready.put(first_key)).run(sockets=[bound])


def _end_with_parent() -> None:
    """End this process when its parent was killed: it would hold the address."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise GraderError(
            f"{host}:{port}: {error}. Choose another address, or port 0 for a free port."
        ) from None
    # asyncio sets this only where it makes the socket itself; without it each answer waits 40 ms for an ACK
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _url(bound: socket.socket) -> str:
    address, taken = bound.getsockname()[:2]
    return f"http://[{address}]:{taken}" if ":" in address else f"http://{address}:{taken}"


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whatever was there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text)
    unfinished.replace(path)
