"""A server's own environment has what serves, and nothing of what publishes: its commands do without."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The packages of the extra `instructor`, and of no other.
PUBLISHING = ("jupytext", "libcst", "nbformat", "tree_sitter", "tree_sitter_cuda")
PROGRAM = f"""
import sys

for name in {PUBLISHING}:
    sys.modules[name] = None  # as if it were not installed

from grader.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The grader where only a server is installed, in a folder with the course's policy."""
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments:\n  - id: tiny0\n")
    (tmp_path / "installed.py").write_text(PROGRAM)
    return [sys.executable, "installed.py"]


def test_a_server_starts_and_is_backed_up_and_restored(command: list[str], tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    files = ["--ready-file", "ready.json", "--key-file", "key"]
    server = subprocess.Popen(
        [*command, "serve", "--data", "data", "--port", "0", *files],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not (tmp_path / "ready.json").exists() and server.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert server.poll() is None, server.communicate()
    finally:
        server.send_signal(signal.SIGINT)
        printed, _ = server.communicate(timeout=60)
    key = (tmp_path / "key").read_text().strip()
    assert printed.count(key) == 1, "a terminal is shown it, once"
    for arguments in (["backup", "kept.tar", "--data", "data"], ["restore", "kept.tar", "--data", "new"]):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_command_that_publishes_says_what_is_missing(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*command, "solve", "hw0", "--into", "solved"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "This command is the instructor's" in done.stderr
