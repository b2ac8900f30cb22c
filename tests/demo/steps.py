"""Show what is going on, when several things do, and how long each took."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console

T = TypeVar("T")


class Steps:
    """Lines on a console: one for each step that is done, and below them the steps that are not."""

    def __init__(self, console: Console):
        self._console = console
        self._status = console.status("")
        self._lock = threading.Lock()
        self._active: list[str] = []

    @contextmanager
    def shown(self) -> Iterator[None]:
        with self._status:
            yield

    def __call__(self, what: str, step: Callable[[], T]) -> T:
        """Run one step and return what it gives."""
        began = time.monotonic()
        self._note(self._active.append, what)
        try:
            result = step()
        finally:
            self._note(self._active.remove, what)
        took = f"[dim]{time.monotonic() - began:.1f} s[/]"
        self._console.print(f"[green]✓[/] {what} {took}", highlight=False, soft_wrap=True)
        return result

    def _note(self, change: Callable[[str], None], what: str) -> None:
        with self._lock:
            change(what)
            self._status.update(", ".join(self._active))
