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


def _snapshot(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each source and when it was changed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _snapshot(Path(entry.path))
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path, _changed(entry)


def _changed(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_mtime_ns
    except OSError:  # an editor replaces the file at this moment
        return 0
