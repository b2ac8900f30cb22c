"""Commands that hang, crash, print without end or leave children behind."""

import os
import sys
import time
from pathlib import Path

import pytest

from grader.running import process


def python(source: str, folder: Path, time_limit: float = 20) -> process.Finished:
    return process.run([sys.executable, "-c", source], cwd=folder, time_limit=time_limit)


def test_the_exit_code_and_both_outputs_come_back(tmp_path: Path) -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (done.returncode, done.timed_out, done.signal_name) == (3, False, "")
    assert set(done.output.split()) == {"out", "err"}


def test_a_crash_names_its_signal(tmp_path: Path) -> None:
    assert python("import ctypes; ctypes.string_at(0)", tmp_path).signal_name == "SIGSEGV"


def test_a_hang_is_ended_at_the_limit_with_every_process_that_it_started(tmp_path: Path) -> None:
    child = "import subprocess, sys\nprocess = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"
    done = python(child + "print(process.pid, flush=True)\nprocess.wait()", tmp_path, time_limit=1)
    assert done.timed_out
    _wait_until_gone(int(done.output))


def test_what_a_command_leaves_behind_is_ended_too(tmp_path: Path) -> None:
    child = "import subprocess, sys\nprocess = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"
    done = python(child + "print(process.pid)", tmp_path)
    assert done.returncode == 0
    _wait_until_gone(int(done.output))


def test_endless_output_is_cut_and_its_end_kept(tmp_path: Path) -> None:
    done = python("print('x' * 5_000_000)\nprint('the end')", tmp_path)
    assert done.output.endswith("the end\n")
    assert len(done.output) <= 1024 * 1024


def test_bytes_that_are_no_text_do_not_stop_it(tmp_path: Path) -> None:
    assert "\ufffd" in python("import sys; sys.stdout.buffer.write(b'\\xff')", tmp_path).output


def test_a_command_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-command"):
        process.run(["no-such-command"], cwd=tmp_path, time_limit=1)


def _wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 5
    while _runs(pid):
        assert time.monotonic() < end
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Tell whether a process is there and no zombie, which only its adopter can bury."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
