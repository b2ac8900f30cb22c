"""`grader serve`: run the server of a course."""

import json
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from grader.course.policy import Policy
from grader.course.yamlfile import read_yaml
from grader.errors import GraderError
from grader.server.access.keys import without_keys
from grader.server.app import create_app
from grader.server.settings import Settings

_BACKLOG = 2048  # connections that may wait to be taken


class WithoutKeys(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


class _Announcing(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]):
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def serve(
    root: Path,
    data: Path,
    host: str,
    port: int,
    ready_file: Path | None = None,
    key_file: Path | None = None,
    database: str | None = None,
) -> int:
    """Serve the course of a repository until interrupted; port 0 takes a free one.

    On the first start an instructor is made, whose key is printed once and written to `key_file`.
    Raises: CourseError; GraderError when the address is taken.
    """
    settings = Settings(data, read_yaml(root / "course.yaml", Policy), database)
    listening = _listen(host, port)
    address, taken = listening.getsockname()[:2]
    url = f"http://[{address}]:{taken}" if ":" in address else f"http://{address}:{taken}"
    _log_to_stderr()
    app = create_app(settings)

    def announce() -> None:
        print(f"Serving {settings.policy.title} at {url}. Stop with Ctrl-C.", flush=True)
        first_key = app.state.services.people.first_instructor()
        if first_key:  # shown before it is written, which may fail: the database has its digest only
            print(f"The instructor's key, shown this once: {first_key}", flush=True)
        if first_key and key_file:
            _write_secret(key_file, first_key + "\n")
        if ready_file:
            _write_whole(ready_file, json.dumps({"url": url, "pid": os.getpid()}))

    # uvicorn's own access log is off: it would hold whole addresses
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=5, server_header=False
    )
    try:
        _Announcing(config, announce).run(sockets=[listening])
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


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


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutKeys("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("grader.server").setLevel(logging.INFO)


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whatever was there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text)
    unfinished.replace(path)
