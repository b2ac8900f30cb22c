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


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start PostgreSQL and yield its address; skip where there is none."""
    identity, initdb = _unprivileged(), _initdb()
    if initdb is None or identity is None:
        pytest.skip("PostgreSQL: found no initdb, and NEEDLE_TEST_POSTGRES names no database")
    # not in pytest's folder, whose parents are closed to another user
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        with _postgres(initdb, folder, identity) as address:
            yield address


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


@contextmanager
def _postgres(initdb: Path, folder: Path, identity: dict[str, Any]) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **identity}
    flags = ["-U", "course", "-A", "trust", "--no-sync"]
    subprocess.run([initdb, "-D", data, *flags], check=True, timeout=120, **options)
    flags = ["-F", "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", folder]
    server = subprocess.Popen([initdb.with_name("postgres"), "-D", data, *flags], **options)
    address = f"postgresql://course@127.0.0.1:{port}/postgres"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(30)


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
