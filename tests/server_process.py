"""A real server on a free port, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SERVE = """
import sys
from pathlib import Path

from grader.server.command import Listening, serve

if __name__ == "__main__":
    root, data, ready, key = map(Path, sys.argv[1:5])
    listening = Listening(port=0, workers=int(sys.argv[5]), ready_file=ready, key_file=key, log="json")
    sys.exit(serve(root, {"data": data, "database_url": sys.argv[6] or None}, listening))
"""
COURSE_YAML = "id: tiny\ntitle: Tiny\nassignments:\n  - id: tiny0\n"
ROOT = Path(__file__).resolve().parents[1]


class Process:
    """A server in a process of its own."""

    def __init__(self, folder: Path, workers: int = 1, database: str = ""):
        self.ready, self.key_file = folder / "ready.json", folder / "instructor.key"
        self.ready.unlink(missing_ok=True)
        (folder / "course.yaml").write_text(COURSE_YAML)
        program = folder / "serve.py"  # a file, since several processes are started from it
        program.write_text(SERVE)
        files = [folder, folder / "data", self.ready, self.key_file]
        command = [sys.executable, program, *files, str(workers), database]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        end = time.monotonic() + 30
        while not self.ready.exists():
            assert self._popen.poll() is None, self._popen.communicate()[1]
            assert time.monotonic() < end
            time.sleep(0.02)
        said = json.loads(self.ready.read_text())
        self.url, self.pid = said["url"], said["pid"]

    def children(self) -> list[int]:
        """Return the processes that serve for this one."""
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True
        )
        found = [line.split(None, 2) for line in listed.stdout.splitlines()]
        return [int(pid) for pid, parent, what in found if int(parent) == self.pid and "spawn_main" in what]

    @property
    def lives(self) -> bool:
        return self._popen.poll() is None

    def kill(self, pid: int) -> None:
        assert pid in self.children()
        os.kill(pid, signal.SIGKILL)

    def end(self, how: signal.Signals) -> tuple[str, str]:
        self._popen.send_signal(how)
        return self._popen.communicate(timeout=20)
