"""`grader serve`, as a process: the address, the first key, durability, memory."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import CourseError, GraderError
from grader.server.command import Listening, serve

ROOT = Path(__file__).resolve().parents[2]


def test_the_first_start_writes_the_key_for_its_owner_only_and_not_where_logs_are_kept(process, kit):
    server = process()
    key = server.key_file.read_text().strip()
    assert kit.Person(server.url, key).get("/me")["role"] == "instructor"
    assert server.key_file.stat().st_mode & 0o777 == 0o600
    printed, logged = server.end(signal.SIGINT)
    assert f"Serving Tiny at {server.url}" in printed
    assert f"The instructor's key is in {server.key_file}." in printed
    assert key not in printed + logged
    again = process()
    printed, _ = again.end(signal.SIGINT)
    assert "ndl_" not in printed
    assert server.key_file.read_text().strip() == key


def test_a_key_file_that_cannot_be_written_does_not_lose_the_first_key(tmp_path, kit):
    (tmp_path / "course.yaml").write_text(kit.course_yaml)
    files = [tmp_path, tmp_path / "data", tmp_path / "ready", tmp_path / "no" / "key"]
    (tmp_path / "serve.py").write_text(kit.serve)
    command = [sys.executable, tmp_path / "serve.py", *files, "1", ""]
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
def test_an_idle_server_takes_less_than_200_mb(process):
    server = process()
    status = Path(f"/proc/{server.pid}/status").read_text()
    [resident] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    assert resident < 200 * 1024


def test_a_taken_port_is_refused_with_what_to_do(server, tmp_path, kit):
    (tmp_path / "course.yaml").write_text(kit.course_yaml)
    with pytest.raises(GraderError, match=r"Choose another address, or port 0 for a free port\."):
        serve(tmp_path, {"data": tmp_path / "data"}, Listening(*server.address))


def test_a_malformed_course_is_refused_before_anything_is_made(tmp_path):
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments: 3\n")
    with pytest.raises(CourseError, match=r"course\.yaml:3: assignments"):
        serve(tmp_path, {"data": tmp_path / "data"}, Listening(port=0))
    assert not (tmp_path / "data").exists()
