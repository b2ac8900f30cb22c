"""Build a workspace's extension modules with CMake; none is left that these sources did not make."""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.course.assignment import Assignment, Question
from grader.running import cmake
from grader.running.cmake import NO_COMPILER
from grader.running.diagnostics import CompilerError, read
from grader.running.importing import LIBRARIES, SOURCES
from grader.running.mending import HEADERS, Mended, mend

_STAMP = "build/built-from.json"
_LOG = "build/build.log"
_SHOWN = 5  # errors of a question

_Result = tuple[list[CompilerError], dict[str, str]]  # the errors, and why questions can't be run


@dataclass(frozen=True)
class BuildReport:
    """What came of a build. It is also ok when there is nothing to build."""

    ok: bool
    errors: list[CompilerError] = field(default_factory=list)
    log_path: Path | None = None
    seconds: float = 0.0
    problems: dict[str, str] = field(default_factory=dict)  # why a question can't be run, by its id


def build(workspace: Path, assignment: Assignment) -> BuildReport:
    """Build what the workspace's CMakeLists.txt says, unless the very same sources are built already.

    No library is left that was not linked from the sources as they are now. When a body does not compile,
    the libraries are built without it, and only its question can't be run. An assignment that does not search
    the libraries' folder needs none.
    """
    if LIBRARIES not in assignment.definition.path:
        return BuildReport(True)
    workspace = workspace.absolute()
    started = time.monotonic()
    compiled = any(file.endswith(SOURCES) for file in assignment.definition.adds)
    if not (workspace / "CMakeLists.txt").is_file():
        cmake.remove_libraries(workspace)
        missing = CompilerError("CMakeLists.txt", 1, 0, "this file is missing. Run `make update`.")
        errors = [missing] if compiled else []
        return BuildReport(not errors, errors, problems=_problems(workspace, assignment, Mended(errors)))
    with _alone(workspace):
        now = _fingerprint(workspace, assignment)
        errors, problems = _known(workspace, assignment, now) or _build_afresh(workspace, assignment, now)
    return BuildReport(not errors, errors, workspace / _LOG, time.monotonic() - started, problems)


def _known(workspace: Path, assignment: Assignment, now: dict[str, Any]) -> _Result | None:
    """Return what came of the last build, if the very same would come of it again."""
    said = _recorded(workspace)
    errors = [CompilerError(**error) for error in said.get("errors", [])]
    same = {**now, "libraries": _libraries(workspace)}.items() <= said.items()
    if not same or (errors and said["assignment"] != assignment.id):
        return None
    return errors, said.get("problems", {})


def _build_afresh(workspace: Path, assignment: Assignment, now: dict[str, Any]) -> _Result:
    """Remove every library, build what compiles, and return the errors of what does not."""
    before = _recorded(workspace)
    (workspace / _STAMP).unlink(missing_ok=True)
    cmake.remove_libraries(workspace)
    if before.get("configured") != now["configured"]:
        cmake.forget_configuration(workspace)
    _touch_changed(workspace, before.get("sources", {}), now["sources"])
    mended = _build_what_compiles(workspace, assignment, now["configured"])
    problems = _problems(workspace, assignment, mended)
    # an error outside of all bodies may come of the machine, and be gone the next time
    lasting = all(error.symbol for error in mended.errors)
    stamp = {
        "libraries": _libraries(workspace) if lasting else None,
        "assignment": assignment.id,
        "errors": [asdict(error) for error in mended.errors],
        "problems": problems,
    }
    _write(workspace / _STAMP, {**now, **stamp})
    return mended.errors, problems


def _build_what_compiles(workspace: Path, assignment: Assignment, configured: Any) -> Mended:
    try:
        output, failed = cmake.run_cmake(workspace)
    except FileNotFoundError as error:
        return Mended([CompilerError("", 0, 0, str(error))])
    (workspace / _LOG).write_text(output, encoding="utf-8")
    if not failed:
        return Mended()
    mended = mend(workspace, assignment, read(output, workspace, assignment), configured)
    with open(workspace / _LOG, "a", encoding="utf-8") as log:
        log.write(mended.output)
    mended.errors = mended.errors or [_unread(output)]
    return mended


def _problems(workspace: Path, assignment: Assignment, mended: Mended) -> dict[str, str]:
    """Return why questions can't be run: their bodies don't compile, or their library was not built."""
    if not mended.errors:
        return {}
    left_out = {question.id for question, _ in mended.left_out}
    return {
        question.id: _problem(question, mended.errors)
        for question in assignment.questions
        if question.id in left_out or not _is_built(workspace, assignment, question)
    }


def _problem(question: Question, errors: list[CompilerError]) -> str:
    own = [error for error in errors if error.question == question.id]
    own = own or [error for error in errors if error.question is None]
    if own:
        return "\n".join(["it does not compile:", *(f"  {error}" for error in own[:_SHOWN])])
    return f"it can't be built until another question's error is mended:\n  {errors[0]}"


def _is_built(workspace: Path, assignment: Assignment, question: Question) -> bool:
    """Tell whether of each source of a question a library was made, as far as this machine makes one."""
    sources = {symbol.file for symbol in assignment.symbols(question) if symbol.file.endswith(SOURCES)}
    targets = [cmake.targets_from(workspace, source) for source in sources]
    made = any(cmake.libraries(workspace))
    return all(any(cmake.is_made(workspace, one) for one in some) if some else made for some in targets)


def _unread(output: str) -> CompilerError:
    if "xcode-select" in output:
        return CompilerError("", 0, 0, NO_COMPILER)
    last = [line.strip() for line in output.splitlines() if line.strip()][-3:]
    return CompilerError("", 0, 0, f"The build failed ({' / '.join(last)}). Read its log, {_LOG}.")


def _fingerprint(workspace: Path, assignment: Assignment) -> dict[str, Any]:
    """Return what decides what a build makes: the sources, the Python and pybind11."""
    try:
        pybind11 = importlib.metadata.version("pybind11")
    except importlib.metadata.PackageNotFoundError:
        pybind11 = ""
    compilers = [os.environ.get(name, "") for name in ("CXX", "CUDACXX")]
    compilers += [shutil.which(name) or "" for name in ("nvcc", "nvidia-smi")]
    return {
        "sources": {
            str(path.relative_to(workspace)): _digest(path) for path in _sources(workspace, assignment)
        },
        "configured": [str(workspace), sys.executable, sys.version, pybind11, *compilers],
    }


def _sources(workspace: Path, assignment: Assignment) -> list[Path]:
    named = [
        workspace / file
        for file in assignment.definition.adds
        if file.endswith((*SOURCES, *HEADERS, ".cmake"))
    ]
    found = [path for path in (workspace / "src").rglob("*") if path.suffix in (*SOURCES, *HEADERS, ".cmake")]
    return sorted(path for path in {*named, *found, workspace / "CMakeLists.txt"} if path.is_file())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _touch_changed(workspace: Path, before: dict[str, str], now: dict[str, str]) -> None:
    """Give changed sources the present time: one that was unpacked can be older than its object."""
    for file, digest in now.items():
        if before.get(file) != digest:
            os.utime(workspace / file)


def _libraries(workspace: Path) -> dict[str, list[int]]:
    found = cmake.libraries(workspace)
    return {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in found}


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
