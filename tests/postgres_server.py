"""A PostgreSQL server of a test's own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError


class PostgresServer:
    """A server in a folder of its own, which can be stopped and started again."""

    def __init__(self, initdb: Path, folder: Path, identity: dict[str, Any], durable: bool):
        self._options = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": folder,
            **identity,
        }
        port = _free_port()
        flags = ["-U", "course", "-A", "trust", "--no-sync"]
        subprocess.run([initdb, "-D", folder / "data", *flags], check=True, timeout=120, **self._options)
        flags = [
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-k",
            folder,
            *([] if durable else ["-F"]),
        ]
        self._command = [initdb.with_name("postgres"), "-D", folder / "data", *flags]
        self.address = f"postgresql://course@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, **self._options)
        _wait_for(self.address, self._process)

    def stop(self) -> None:
        """End it at once, as when its machine fails: it recovers at the next start."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


@contextmanager
def postgres_server(durable: bool = False) -> Iterator[PostgresServer]:
    """Start PostgreSQL, which keeps nothing; skip where there is none."""
    identity, initdb = _unprivileged(), _initdb()
    if initdb is None or identity is None:
        pytest.skip("PostgreSQL: found no initdb, and NEEDLE_TEST_POSTGRES names no database")
    # not in pytest's folder, whose parents are closed to another user
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        if identity:
            shutil.chown(name, identity["user"], identity["group"])
        server = PostgresServer(initdb, Path(name), identity, durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def emptied(address: str) -> str:
    """Drop everything in a database and return its address with the driver."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    return url.render_as_string(hide_password=False)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _unprivileged() -> dict[str, Any] | None:
    """Return options for a process that PostgreSQL agrees to run as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return None


def _initdb() -> Path | None:
    """Return PostgreSQL's initdb, which Debian keeps off PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb")
    return Path(found).resolve() if found else next(reversed(installed), None)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    end = time.monotonic() + 60
    while True:
        try:
            engine.connect().close()
            break
        except OperationalError:
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
    engine.dispose()
