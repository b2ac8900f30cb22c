"""A Python that has imported what many processes need, and forks one for each, which saves half a second.

The client's side asks; the server, started by `python -c`, answers each request with a process that is as
one started anew: a session, an environment and a folder of its own, and a normal end.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.running.importing import compile_ahead

_MOST = 1024 * 1024  # bytes of a request
_READ_AT_START = ("PYTHON", "OMP_", "OPENBLAS_", "MKL_", "VECLIB_", "LD_")  # by Python or NumPy, once
_NUMBER = struct.Struct("=q")  # as an id or an exit code goes through a pipe
_START = """
import sys
sys.path.remove("") if "" in sys.path else None
from grader.running.warm import serve
script = serve(int(sys.argv[1]), sys.argv[2:])
if script:
    exec(compile(script, "<script>", "exec"), {"__name__": "__main__"})
"""

_servers: dict[tuple[object, ...], "Warm"] = {}
_starting = threading.Lock()


class Forked:
    """A process that a warm Python forked: the part of subprocess.Popen's interface that `process` uses."""

    def __init__(self, pid: int, status: int):
        self.pid = pid
        self.returncode = 0
        self._status = status  # a pipe on which the exit code comes

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises: subprocess.TimeoutExpired after as many seconds."""
        if self._status >= 0:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("", timeout or 0)
            said = os.read(self._status, _NUMBER.size)
            (self.returncode,) = _NUMBER.unpack(said) if said else (-signal.SIGKILL,)
            os.close(self._status)
            self._status = -1
        return self.returncode


class Warm:
    """The client's side of one warm Python."""

    def __init__(self, imported: Sequence[str], environment: Mapping[str, str]):
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), *imported],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C ends the client, and with it this
            )

    def fork(self, asked: Mapping[str, object], output: int) -> Forked:
        """Begin a process that runs a script. Raises: OSError when the server is gone."""
        ours, theirs = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._socket, [json.dumps(asked).encode()], [output, theirs])
        finally:
            os.close(theirs)
        said = os.read(ours, _NUMBER.size)
        if not said:
            os.close(ours)
            raise ConnectionError("the warm Python has ended")
        (pid,) = _NUMBER.unpack(said)
        return Forked(pid, ours)

    def end(self) -> None:
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)


def start(
    script: str,
    arguments: Sequence[str],
    imported: Sequence[str],
    sources: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    output: int,
) -> Forked | None:
    """Begin a process in a Python that has imported these modules; None where that can't be had.

    It has compiled the sources, which the process imports, too.

    What Python and NumPy read of an environment when they start can't be changed afterwards: each such
    environment has a Python of its own.
    """
    if sys.platform != "linux":  # forking after imports is not safe on macOS
        return None
    at_start = sorted(item for item in environment.items() if item[0].startswith(_READ_AT_START))
    key = (os.getpid(), *imported, *at_start)
    asked = {"script": script, "arguments": [*arguments], "cwd": str(cwd), "env": dict(environment)}
    asked["sources"] = [*sources]
    try:
        with _starting:
            if key not in _servers:
                _servers[key] = Warm(imported, environment)
        return _servers[key].fork(asked, output)
    except OSError:  # it was ended: the next request starts another
        if key in _servers:
            _servers.pop(key).end()
        return None


@atexit.register
def _end_all() -> None:
    for key in [key for key in _servers if key[0] == os.getpid()]:
        _servers.pop(key).end()


def serve(requests: int, imported: Sequence[str]) -> str:
    """Fork a process for every request, until the client closes the socket.

    Return the script in the process that shall run it, and nothing in the server.
    """
    for name in imported:
        with contextlib.suppress(ImportError):  # who needs it will say so
            importlib.import_module(name)
    gc.freeze()  # what is here lives as long: a collection in a process need not look at it, nor copy it
    client = socket.socket(fileno=requests)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the processes between end by themselves
    while True:
        message, handles, _, _ = socket.recv_fds(client, _MOST, 2)
        if not message:
            return ""
        output, status = handles
        asked = json.loads(message)
        compile_ahead(asked["sources"])
        if os.fork() == 0:
            client.close()
            if script := _between(asked, output, status):
                return script
            os._exit(0)
        os.close(output)
        os.close(status)


def _between(asked: dict[str, Any], output: int, status: int) -> str:
    """Fork the process itself, tell the client its id, and its end; return the script in the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    begun, beginning = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(begun)
        os.close(status)
        _become(asked, output)
        os.close(beginning)
        return str(asked["script"])
    os.close(output)
    os.close(beginning)
    os.read(begun, 1)  # from here on it has a session of its own, which the client may end
    os.write(status, _NUMBER.pack(pid))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(BrokenPipeError):
        os.write(status, _NUMBER.pack(code))
    return ""


def _become(asked: dict[str, Any], output: int) -> None:
    """Be what a new Python would be that was started with these arguments."""
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    sys.argv[:] = ["-c", *asked["arguments"]]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else all would draw the same numbers
