"""What a scoring server is started with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from grader.course.policy import Policy


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Settings:
    data: Path  # the folder of the database and of the files
    policy: Policy
    database_url: str | None = None  # None: SQLite in the data folder
    clock: Callable[[], datetime] = utc_now
