"""Run a command that may hang, crash, print without end or leave children behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.running import warm
from grader.running.warm import Forked

_OUTPUT_LIMIT = 1024 * 1024  # bytes kept, the last ones


@dataclass(frozen=True)
class Finished:
    """How a command ended, and the end of what it printed."""

    returncode: int
    timed_out: bool
    output: str

    @property
    def signal_name(self) -> str:
        """Return the name of the signal that ended it, such as SIGSEGV; empty if it ended by itself."""
        try:
            return signal.Signals(-self.returncode).name if self.returncode < 0 else ""
        except ValueError:
            return f"signal {-self.returncode}"


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None, time_limit: float
) -> Finished:
    """Run a command in a session of its own; kill all that it started when it ends, or at the limit.

    Units: time_limit in seconds.
    Raises: OSError when the command can't be started.
    """
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return _finished(process, reading, time_limit)


def run_python(
    script: str,
    arguments: Sequence[str],
    *,
    imports: Sequence[str],
    sources: Sequence[str] = (),
    cwd: Path,
    env: Mapping[str, str],
    time_limit: float,
) -> Finished:
    """Run a Python script as `run` does, where possible in a Python that has made these imports already.

    There the `sources`, paths of a workspace's modules, are compiled once for all processes.
    """
    reading, writing = os.pipe()
    try:
        process = warm.start(script, arguments, imports, sources, cwd=cwd, environment=env, output=writing)
    finally:
        os.close(writing)
    if process is not None:
        return _finished(process, reading, time_limit)
    os.close(reading)
    return run([sys.executable, "-c", script, *arguments], cwd=cwd, env=env, time_limit=time_limit)


def _finished(process: "subprocess.Popen[bytes] | Forked", output: int, time_limit: float) -> Finished:
    tail = _Tail(output)
    timed_out = False
    try:
        process.wait(timeout=time_limit)
    except subprocess.TimeoutExpired:
        timed_out = True
    finally:
        _kill_group(process.pid)
        process.wait()
    return Finished(process.returncode, timed_out, tail.text())


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: PermissionError for a dead leader
        os.killpg(leader, signal.SIGKILL)


class _Tail:
    """Read a pipe to its end on a thread, so that the writer never blocks, and keep the last bytes."""

    def __init__(self, pipe: int):
        self._pipe = pipe
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join(timeout=2)  # a process that left the session may hold the pipe open for ever
        return bytes(self._kept).decode("utf-8", errors="replace")

    def _read(self) -> None:
        try:
            while chunk := os.read(self._pipe, 65536):
                self._kept += chunk
                del self._kept[:-_OUTPUT_LIMIT]
        finally:
            os.close(self._pipe)
