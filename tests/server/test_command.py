"""`grader serve`, as a process: the address, the first key, durability, memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.errors import CourseError, GraderError
from grader.server.command import serve

SERVE = (
    "import sys; from pathlib import Path; from grader.server.command import serve; "
    "sys.exit(serve(*map(Path, sys.argv[1:3]), '127.0.0.1', 0, *map(Path, sys.argv[3:5])))"
)
COURSE = "id: tiny\ntitle: Tiny\nassignments:\n  - id: tiny0\n"
ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A server in a process of its own."""

    def __init__(self, folder: Path):
        self.ready, self.key_file = folder / "ready.json", folder / "instructor.key"
        self.ready.unlink(missing_ok=True)
        (folder / "course.yaml").write_text(COURSE)
        command = [sys.executable, "-c", SERVE, folder, folder / "data", self.ready, self.key_file]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        end = time.monotonic() + 30
        while not self.ready.exists():
            assert self._popen.poll() is None, self._popen.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.02)
        said = json.loads(self.ready.read_text())
        self.url, self.pid = said["url"], said["pid"]

    def end(self, how: signal.Signals) -> tuple[str, str]:
        self._popen.send_signal(how)
        return self._popen.communicate(timeout=20)


@pytest.fixture
def process(tmp_path):
    started = []

    def start():
        started.append(Process(tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one._popen.poll() is None:
            one.end(signal.SIGKILL)


def test_the_first_start_prints_the_key_once_and_writes_it_for_its_owner_only(process, kit):
    server = process()
    key = server.key_file.read_text().strip()
    assert kit.Person(server.url, key).get("/me")["role"] == "instructor"
    assert server.key_file.stat().st_mode & 0o777 == 0o600
    printed, logged = server.end(signal.SIGINT)
    assert f"Serving Tiny at {server.url}" in printed
    assert printed.count(key) == 1
    assert key not in logged
    again = process()
    printed, _ = again.end(signal.SIGINT)
    assert "ndl_" not in printed
    assert server.key_file.read_text().strip() == key


def test_a_key_file_that_cannot_be_written_does_not_lose_the_first_key(tmp_path):
    (tmp_path / "course.yaml").write_text(COURSE)
    files = [tmp_path, tmp_path / "data", tmp_path / "ready", tmp_path / "no" / "key"]
    command = [sys.executable, "-c", SERVE, *files]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert ended.returncode != 0
    assert "The instructor's key, shown this once: ndl_" in ended.stdout
    assert not (tmp_path / "ready").exists()


def test_what_was_answered_survives_kill_9(process, kit):
    server = process()
    instructor = kit.Person(server.url, server.key_file.read_text().strip())
    assert instructor.publish(kit.publication(range(30))).status_code == 200
    attempts = []
    for _ in range(10):
        attempts.append(instructor.drawn())
        body = kit.right(attempts[-1])
        first = instructor.answer(attempts[-1], body)
    open_one = instructor.drawn()
    server.end(signal.SIGKILL)
    again = process()
    instructor = kit.Person(again.url, instructor.key)
    assert instructor.answer(attempts[-1], body).content == first.content
    assert instructor.get("/me")["assignments"][0]["attempts"] == 10
    assert instructor.scored(open_one)["score"] == 100.0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory: there is no /proc on this system")
def test_an_idle_server_takes_less_than_150_mb(process):
    server = process()
    status = Path(f"/proc/{server.pid}/status").read_text()
    [resident] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    assert resident < 150 * 1024


def test_a_taken_port_is_refused_with_what_to_do(server, tmp_path):
    (tmp_path / "course.yaml").write_text(COURSE)
    with pytest.raises(GraderError, match=r"Choose another address, or port 0 for a free port\."):
        serve(tmp_path, tmp_path / "data", *server.address)


def test_a_malformed_course_is_refused_before_anything_is_made(tmp_path):
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: 3\n")
    with pytest.raises(CourseError, match=r"course\.yaml:3: assignments"):
        serve(tmp_path, tmp_path / "data", "127.0.0.1", 0)
    assert not (tmp_path / "data").exists()
