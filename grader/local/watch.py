"""Run the local tests again whenever a source of the workspace is saved."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_INTERVAL = 0.3  # seconds between two looks
_SUFFIXES = (".py", ".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".hpp", ".yaml", "CMakeLists.txt")
_SKIPPED = {"build", "data", "wheels", "node_modules", "__pycache__"}


def watch(workspace: Path, arguments: Sequence[str]) -> int:
    """Run pytest with these arguments after each change, until Ctrl-C; return the last run's exit code."""
    code = 0
    try:
        while True:
            seen = dict(_snapshot(workspace))
            code = subprocess.call([sys.executable, "-m", "pytest", *arguments])
            print("Watching for changes. Press Ctrl-C to stop.", flush=True)
            while dict(_snapshot(workspace)) == seen:
                time.sleep(_INTERVAL)
    except KeyboardInterrupt:
        print()
        return code


def _snapshot(workspace: Path) -> Iterator[tuple[str, int]]:
    """Yield each source and when it was changed. A folder that goes away meanwhile is passed over."""
    for folder, folders, names in os.walk(workspace):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _SKIPPED]
        for name in names:
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                path = os.path.join(folder, name)
                yield path, _changed(path)


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:  # an editor replaces the file at this moment
        return 0
