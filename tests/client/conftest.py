"""Servers that answer what a test wrote down, and retries that don't wait."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scripted_server import Reply, Served
from urllib3.util import Retry


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def one(*replies: Reply) -> Served:
        running.append(Served())
        running[-1].replies = list(replies) or [Reply()]
        return running[-1]

    yield one
    for served in running:
        served.close()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long a retry would wait, and do not wait; forget the keys of the machine that tests."""
    noted: list[float] = []

    def note(retry: Retry, response: Any = None) -> None:
        asked = retry.get_retry_after(response) if response and retry.respect_retry_after_header else None
        noted.append(asked or retry.get_backoff_time())

    monkeypatch.setattr(Retry, "sleep", note)
    for name in ("NEEDLE_GRADER_KEY", "NEEDLE_GRADER_URL"):
        monkeypatch.delenv(name, raising=False)
    return noted
