"""Processes forked from a warm Python are what processes started anew are."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from grader.running import process, warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each Python is started anew")


def python(
    script: str, folder: Path, *arguments: str, imports: tuple[str, ...] = (), limit: float = 20, **env: str
) -> process.Finished:
    return process.run_python(
        script, arguments, imports=imports, cwd=folder, env={**os.environ, **env}, time_limit=limit
    )


ABOUT = """
import json, os, sys
print(json.dumps({
    "parent": os.getppid(), "folder": os.getcwd(), "arguments": sys.argv[1:], "told": os.environ.get("TOLD"),
    "leads": os.getsid(0) == os.getpid(), "stdin": sys.stdin.read(), "imported": "fractions" in sys.modules,
    "path": "" in sys.path, "main": __name__,
}))
"""


def test_it_has_its_own_folder_arguments_environment_session_and_input(tmp_path: Path) -> None:
    for told in ("first", "second"):
        folder = tmp_path / told
        folder.mkdir()
        said = json.loads(python(ABOUT, folder, told, "x", imports=("fractions",), TOLD=told).output)
        assert said.pop("parent") != os.getpid(), "it was not forked by a warm Python"
        assert said == {
            "folder": str(folder),
            "arguments": [told, "x"],
            "told": told,
            "leads": True,
            "stdin": "",
            "imported": True,
            "path": False,
            "main": "__main__",
        }


def test_what_one_process_changes_the_next_does_not_see(tmp_path: Path) -> None:
    python("import os, json; json.changed = True; os.environ['LEFT'] = 'yes'", tmp_path)
    done = python("import os, json; print(hasattr(json, 'changed'), os.environ.get('LEFT'))", tmp_path)
    assert done.output.split() == ["False", "None"]


def test_exit_codes_errors_and_signals_come_back(tmp_path: Path) -> None:
    assert python("import sys; sys.exit(3)", tmp_path).returncode == 3
    failed = python("print('before'); 1 / 0", tmp_path)
    assert failed.returncode == 1
    assert failed.output.startswith("before\nTraceback")
    assert failed.output.endswith("ZeroDivisionError: division by zero\n")
    assert python("import ctypes; ctypes.string_at(0)", tmp_path).signal_name == "SIGSEGV"


def test_it_ends_as_python_does_with_what_c_has_buffered(tmp_path: Path) -> None:
    script = "import atexit, ctypes; ctypes.CDLL(None).printf(b'from C '); atexit.register(print, 'at exit')"
    assert sorted(python(script, tmp_path).output.split()) == ["C", "at", "exit", "from"]


def test_a_hang_is_ended_at_the_limit_with_what_it_started(tmp_path: Path) -> None:
    script = (
        "import subprocess; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True)\n"
        "while True: pass"
    )
    done = python(script, tmp_path, limit=1)
    assert done.timed_out
    assert done.signal_name == "SIGKILL"
    wait_until_gone(int(done.output))


def test_what_python_reads_when_it_starts_is_read_anew(tmp_path: Path) -> None:
    script = "import sys; print(sys.dont_write_bytecode, hash('needle'))"
    first = python(script, tmp_path, PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="1").output
    second = python(script, tmp_path, PYTHONDONTWRITEBYTECODE="", PYTHONHASHSEED="2").output
    assert first.split()[0] == "True"
    assert second.split()[0] == "False"
    assert first.split()[1] != second.split()[1]


def test_no_two_processes_draw_the_same_numbers_from_numpy(tmp_path: Path) -> None:
    drawn = [python("import numpy; print(numpy.random.rand())", tmp_path, imports=("numpy",)) for _ in "ab"]
    assert drawn[0].output != drawn[1].output


def test_where_the_warm_python_was_ended_the_next_process_runs_all_the_same(tmp_path: Path) -> None:
    assert python("print('warm')", tmp_path, imports=("calendar",)).output == "warm\n"
    [server] = [one for key, one in warm._servers.items() if "calendar" in key]
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()
    assert python("print('anew')", tmp_path, imports=("calendar",)).output == "anew\n"
    assert python("print('warm again')", tmp_path, imports=("calendar",)).output == "warm again\n"


def test_an_import_that_fails_is_left_to_the_script(tmp_path: Path) -> None:
    assert python("print('fine')", tmp_path, imports=("no_such_module",)).output == "fine\n"


def test_the_warm_python_ends_with_its_client(tmp_path: Path) -> None:
    client = (
        "import os, sys; from pathlib import Path; from grader.running import process\n"
        "print(process.run_python('import os; print(os.getpid())', [], imports=[], cwd=Path('.'),\n"
        "    env=dict(os.environ), time_limit=20).output.strip(), flush=True)\n"
        "from grader.running import warm\n"
        "[server] = warm._servers.values(); print(server._process.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = process.run([sys.executable, "-c", client], cwd=tmp_path, time_limit=30)
    server = int(done.output.split()[1])
    wait_until_gone(server)


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 10
    while state_of(pid) not in ("gone", "Z"):
        assert time.monotonic() < end, "it is still there"
        time.sleep(0.05)


def state_of(pid: int) -> str:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"
