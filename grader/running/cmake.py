"""Run CMake on a folder of sources, and say what is missing when it can't be."""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.running import process
from grader.running.importing import LIBRARIES

TIME_LIMIT = 1800.0  # seconds
NO_COMPILER = (
    "No C++ compiler was found. Expected c++, g++ or clang++. Install one: "
    "`sudo apt install build-essential` on Debian and Ubuntu, `xcode-select --install` on macOS."
)

_COMPILERS = ("c++", "g++", "clang++")
_NO_CMAKE = (
    "CMake was not found. Expected it on PATH or beside Python. "
    "Run `make setup`, or `python -m pip install cmake`."
)


def run_cmake(root: Path, targets: Sequence[str] = ()) -> tuple[str, bool]:
    """Configure and build `root` in root/build; return all that was printed, and whether a part failed.

    What does not depend on a part that failed is built all the same. By default, all targets are built.
    Raises: FileNotFoundError, with what to install.
    """
    output = ""
    for command in _commands(root, targets):
        finished = process.run(command, cwd=root, env=_environment(root), time_limit=TIME_LIMIT)
        output += finished.output
        if finished.timed_out:
            output += f"\nThe build was stopped after {TIME_LIMIT:g} seconds.\n"
        if finished.returncode:
            return output, True
    return output, False


def libraries(root: Path) -> list[Path]:
    return sorted(path for path in (root / LIBRARIES).glob("*") if path.is_file() or path.is_symlink())


def remove_libraries(root: Path) -> None:
    for path in libraries(root):
        path.unlink()


def forget_configuration(root: Path) -> None:
    """Remove what CMake remembers: it refuses a folder that was moved, and keeps a Python that is gone."""
    (root / "build" / "CMakeCache.txt").unlink(missing_ok=True)
    shutil.rmtree(root / "build" / "CMakeFiles", ignore_errors=True)


def targets_from(root: Path, source: str) -> set[str]:
    """Return the targets that CMake makes from a source, as it told make; a library has its target's name."""
    rules = [*(root / "build" / "CMakeFiles").glob("*.dir/build.make")]
    rules += (root / "build" / "CMakeFiles").glob("*.dir/link.txt")
    found = [rule for rule in rules if source in rule.read_text(encoding="utf-8", errors="replace")]
    return {rule.parent.name.removesuffix(".dir") for rule in found}


def is_made(root: Path, target: str) -> bool:
    return any(path.name.partition(".")[0].removeprefix("lib") == target for path in libraries(root))


def _environment(root: Path) -> dict[str, str]:
    to_be_read = {"LC_ALL": "C", "CLICOLOR_FORCE": "0", "CMAKE_COLOR_DIAGNOSTICS": "OFF"}
    # where CMAKE_CXX_COMPILER_LAUNCHER names ccache, it finds what another workspace has compiled
    cached = {"CCACHE_BASEDIR": str(root), "CCACHE_ABSSTDERR": "1"}
    return {**os.environ, **to_be_read, **cached}


def _commands(root: Path, targets: Sequence[str]) -> list[list[str]]:
    cmake = _cmake()
    if not any(shutil.which(name) for name in (os.environ.get("CXX", "").split()[:1] or _COMPILERS)):
        raise FileNotFoundError(NO_COMPILER)
    python = f"-DPython_EXECUTABLE={sys.executable}"
    configure = [*cmake, "-G", "Unix Makefiles", "-S", str(root), "-B", str(root / "build"), python]
    chosen = ["--target", *targets] if targets else []
    build = [*cmake, "--build", str(root / "build"), "--parallel", "2", *chosen, "--", *_make_options()]
    return [configure, build]


def _cmake() -> list[str]:
    beside = Path(sys.executable).parent
    found = shutil.which("cmake", path=str(beside)) or shutil.which("cmake")
    if found:
        return [found]
    if importlib.util.find_spec("cmake"):
        return [sys.executable, "-m", "cmake"]
    raise FileNotFoundError(_NO_CMAKE)


@functools.cache
def _make_options() -> list[str]:
    """Keep going after an error; where make can (macOS's can't), keep together what each compiler says."""
    try:
        said = subprocess.run(["make", "--help"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    return ["-k", *(["--output-sync=target"] if "--output-sync" in said else [])]
