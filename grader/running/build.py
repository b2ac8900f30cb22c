"""Build a workspace's extension modules with CMake; none is left that these sources did not make."""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.assignment import Assignment
from grader.running import process
from grader.running.diagnostics import CompilerError, read
from grader.running.importing import SOURCES

LIBRARIES = "build/lib"
TIME_LIMIT = 1800.0  # seconds

_STAMP = "build/built-from.json"
_LOG = "build/build.log"
_HEADERS = (".h", ".hh", ".hpp", ".cuh", ".inl", ".cmake")
_COMPILERS = ("c++", "g++", "clang++")
_NO_COMPILER = (
    "No C++ compiler was found. Expected c++, g++ or clang++. Install one: "
    "`sudo apt install build-essential` on Debian and Ubuntu, `xcode-select --install` on macOS."
)
_NO_CMAKE = (
    "CMake was not found. Expected it on PATH or beside Python. "
    "Run `make setup`, or `python -m pip install cmake`."
)


@dataclass(frozen=True)
class BuildReport:
    """What came of a build. It is also ok when there is nothing to build."""

    ok: bool
    errors: list[CompilerError] = field(default_factory=list)
    log_path: Path | None = None
    seconds: float = 0.0


def build(workspace: Path, assignment: Assignment) -> BuildReport:
    """Build what the workspace's CMakeLists.txt says, unless the very same sources are built already.

    No library is left that was not linked from the sources as they are now. An assignment that does not
    search the libraries' folder needs none.
    """
    if LIBRARIES not in assignment.definition.path:
        return BuildReport(True)
    workspace = workspace.absolute()
    started = time.monotonic()
    compiled = any(file.endswith(SOURCES) for file in assignment.definition.adds)
    if not (workspace / "CMakeLists.txt").is_file():
        _remove_libraries(workspace)
        missing = CompilerError("CMakeLists.txt", 1, 0, "this file is missing. Run `make update`.")
        return BuildReport(not compiled, [missing] if compiled else [])
    with _alone(workspace):
        now = _fingerprint(workspace, assignment)
        if _recorded(workspace) == {**now, "libraries": _libraries(workspace)}:
            return BuildReport(True, [], workspace / _LOG, time.monotonic() - started)
        errors = _build_afresh(workspace, assignment, now)
    return BuildReport(not errors, errors, workspace / _LOG, time.monotonic() - started)


def _build_afresh(workspace: Path, assignment: Assignment, now: dict[str, Any]) -> list[CompilerError]:
    """Remove every library, build what compiles, and return the errors of what does not."""
    before = _recorded(workspace)
    (workspace / _STAMP).unlink(missing_ok=True)
    _remove_libraries(workspace)
    if before.get("configured") != now["configured"]:
        _forget_configuration(workspace)
    _touch_changed(workspace, before.get("sources", {}), now["sources"])
    try:
        commands = _commands(workspace)
    except FileNotFoundError as error:
        return [CompilerError("", 0, 0, str(error))]
    output, failed = _run(commands, workspace)
    (workspace / _LOG).write_text(output, encoding="utf-8")
    _write(workspace / _STAMP, {**now, "libraries": None if failed else _libraries(workspace)})
    return (read(output, workspace, assignment) or [_unread(output)]) if failed else []


def _commands(workspace: Path) -> list[list[str]]:
    """Return the commands that configure and build.

    Raises: FileNotFoundError, with what to install.
    """
    cmake = _cmake()
    if not any(shutil.which(name) for name in (os.environ.get("CXX", "").split()[:1] or _COMPILERS)):
        raise FileNotFoundError(_NO_COMPILER)
    python = f"-DPython_EXECUTABLE={sys.executable}"
    configure = [*cmake, "-G", "Unix Makefiles", "-S", str(workspace), "-B", str(workspace / "build"), python]
    return [configure, [*cmake, "--build", str(workspace / "build"), "--parallel", "2", "--", "-k"]]


def _cmake() -> list[str]:
    beside = Path(sys.executable).parent
    found = shutil.which("cmake", path=str(beside)) or shutil.which("cmake")
    if found:
        return [found]
    if importlib.util.find_spec("cmake"):
        return [sys.executable, "-m", "cmake"]
    raise FileNotFoundError(_NO_CMAKE)


def _run(commands: list[list[str]], workspace: Path) -> tuple[str, bool]:
    """Run commands until one fails; return all they printed and whether one did."""
    output = ""
    # English and without colours, to be read
    environment = {**os.environ, "LC_ALL": "C", "CLICOLOR_FORCE": "0", "CMAKE_COLOR_DIAGNOSTICS": "OFF"}
    for command in commands:
        finished = process.run(command, cwd=workspace, env=environment, time_limit=TIME_LIMIT)
        output += finished.output
        if finished.timed_out:
            output += f"\nThe build was stopped after {TIME_LIMIT:g} seconds.\n"
        if finished.returncode:
            return output, True
    return output, False


def _unread(output: str) -> CompilerError:
    if "xcode-select" in output:
        return CompilerError("", 0, 0, _NO_COMPILER)
    last = [line.strip() for line in output.splitlines() if line.strip()][-3:]
    return CompilerError("", 0, 0, f"The build failed ({' / '.join(last)}). Read its log, {_LOG}.")


def _fingerprint(workspace: Path, assignment: Assignment) -> dict[str, Any]:
    """Return what decides what a build makes: the sources, the Python and pybind11."""
    try:
        pybind11 = importlib.metadata.version("pybind11")
    except importlib.metadata.PackageNotFoundError:
        pybind11 = ""
    return {
        "sources": {
            str(path.relative_to(workspace)): _digest(path) for path in _sources(workspace, assignment)
        },
        "configured": [str(workspace), sys.executable, sys.version, pybind11, os.environ.get("CXX", "")],
    }


def _sources(workspace: Path, assignment: Assignment) -> list[Path]:
    named = [workspace / file for file in assignment.definition.adds if file.endswith(SOURCES + _HEADERS)]
    found = [path for path in (workspace / "src").rglob("*") if path.suffix in SOURCES + _HEADERS]
    return sorted(path for path in {*named, *found, workspace / "CMakeLists.txt"} if path.is_file())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _touch_changed(workspace: Path, before: dict[str, str], now: dict[str, str]) -> None:
    """Give changed sources the present time: one that was unpacked can be older than its object."""
    for file, digest in now.items():
        if before.get(file) != digest:
            os.utime(workspace / file)


def _libraries(workspace: Path) -> dict[str, list[int]]:
    found = sorted(path for path in (workspace / LIBRARIES).glob("*") if path.is_file())
    return {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in found}


def _remove_libraries(workspace: Path) -> None:
    for path in (workspace / LIBRARIES).glob("*"):
        if path.is_file() or path.is_symlink():
            path.unlink()


def _forget_configuration(workspace: Path) -> None:
    """Remove what CMake remembers: it refuses a folder that was moved, and keeps a Python that is gone."""
    (workspace / "build" / "CMakeCache.txt").unlink(missing_ok=True)
    shutil.rmtree(workspace / "build" / "CMakeFiles", ignore_errors=True)


def _recorded(workspace: Path) -> dict[str, Any]:
    try:
        said = json.loads((workspace / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _write(path: Path, content: dict[str, Any]) -> None:
    half = path.with_suffix(".part")
    half.write_text(json.dumps(content), encoding="utf-8")
    half.replace(path)


@contextmanager
def _alone(workspace: Path) -> Iterator[None]:
    """Wait until no other process builds here."""
    (workspace / "build").mkdir(exist_ok=True)
    with open(workspace / "build" / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
