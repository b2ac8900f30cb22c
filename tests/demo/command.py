"""Run commands as a person would, and show their output only when they fail."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 10.0  # seconds to end in, once asked to


class CommandFailed(RuntimeError):
    """A command of the demo ended as it should not have."""


class Commands:
    """The demo's commands. All that still run end with the block, and none starts after it."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._over = False

    def __enter__(self) -> "Commands":
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._signal(signal.SIGINT)  # which ends also what they run in sessions of their own
        end = time.monotonic() + GRACE
        while self._running and time.monotonic() < end:
            time.sleep(0.1)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def run(
        self,
        command: Sequence[str],
        cwd: Path,
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        given: str | None = None,
        codes: tuple[int, ...] = (0,),
    ) -> str:
        """Return a command's output, which also goes to `log`.

        Raises: CommandFailed, with the end of the output, when it exits with none of the expected codes.
        """
        said, code = self._finish(command, cwd, env, given)
        with log.open("a") as file:
            file.write(f"$ {' '.join(command)}\n{said}\n")
        if code not in codes:
            tail = "\n".join(said.splitlines()[-30:])
            raise CommandFailed(f"`{' '.join(command)}` in {cwd} exited with {code}:\n{tail}")
        return said

    def _finish(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None, given: str | None
    ) -> tuple[str, int]:
        if self._over:
            raise CommandFailed("The demo is over.")
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # its children end with it
        )
        self._running.add(process)
        try:
            return process.communicate(given)[0], process.returncode
        finally:
            self._running.remove(process)
