"""Run tests once more, in a process of their own: on other arrays, with other kernels or instructions.

That process loads no plugin and no conftest.py from above the tests, which takes longer than many of them.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_again(tests: Sequence[Path], *options: str, **environment: str) -> None:
    """Run files of tests, or a folder's, and stop at the first that fails."""
    folder = tests[0] if tests[0].is_dir() else tests[0].parent
    command = [sys.executable, "-m", "pytest", "-q", "-x", f"--confcutdir={folder}", *options]
    done = subprocess.run(
        [*command, *map(str, tests)],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
