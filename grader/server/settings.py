"""What a scoring server is started with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from grader.course.policy import Policy

THREADS = 16  # that answer requests in one process; each may hold two connections to the database


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Settings:
    data: Path  # the folder of the database and of the files
    policy: Policy
    database_url: str | None = None  # None: SQLite in the data folder
    clock: Callable[[], datetime] = utc_now
    files: str | None = None  # a folder, or an address such as s3://bucket/prefix; None: in the data folder
    public_url: str | None = None  # where people reach the server, when that is not where it listens
    busy_timeout: float = 10.0  # seconds that a write waits for another one's
    metrics_token: str | None = None  # opens /metrics to others than this machine
    mugrade: bool = False  # take that protocol too, whose keys travel in the address
