"""A mirror on the loopback, a registry that names it, and small datasets to fetch from there."""

import gzip
import hashlib
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

SCRIPTS = Path(__file__).parents[2] / "datasets"
sys.path.append(str(SCRIPTS))  # scripts, not a package: they import each other by the folder they run from


@dataclass
class Mirror:
    """What a mirror serves; a path that it hasn't answers 404."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)  # answers that break off half way
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Serve files on 127.0.0.1."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            served.asked.append(name)
            body = served.files.get(name)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write((body or b"")[: len(body) // 2 if name in served.cut else None])

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Mirror(f"http://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


CONTENT = {"pictures.gz": b"pixels " * 400, "words.txt": b"one two\n" * 50}
PUBLISHED = {
    "pictures.gz": gzip.compress(CONTENT["pictures.gz"], 9, mtime=0),
    "words.txt": CONTENT["words.txt"],
}


@pytest.fixture
def published() -> dict[str, bytes]:
    """Return the small dataset's files as published."""
    return dict(PUBLISHED)


@pytest.fixture
def write_registry(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that registers the small dataset, with changes, and returns the registry's path."""

    def write(mirrors: list[str], /, **changes: Any) -> Path:
        entry = {
            "title": "Small things",
            "folder": "small",
            "terms": "none",
            "source": "this test",
            "mirrors": mirrors,
            "files": [
                {
                    "name": "pictures.gz",
                    "packed": md5(PUBLISHED["pictures.gz"]),
                    "content": md5(CONTENT["pictures.gz"]),
                    "bytes": len(CONTENT["pictures.gz"]),
                },
                {
                    "name": "words.txt",
                    "content": md5(CONTENT["words.txt"]),
                    "bytes": len(CONTENT["words.txt"]),
                },
            ],
        }
        name = changes.pop("name", "small")
        path = tmp_path / "registry.yaml"
        path.write_text(yaml.safe_dump({name: entry | changes}))
        return path

    return write


@dataclass
class Outcome:
    status: int
    out: str
    err: str


@pytest.fixture
def get(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """Return a function that runs get.py's command line on a data folder of the test's own."""
    import get as script

    monkeypatch.setenv("NEEDLE_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: object) -> Outcome:
        status = script.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Outcome(status, captured.out, captured.err)

    return run
