"""Compile the programs of this folder for the simulator, once for all processes of the session."""

import ctypes
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CUDASIM = HERE.parent.parent / "src" / "cudasim"
SOURCES = sorted(path.stem for path in HERE.glob("*.cu"))
COMPILER = os.environ.get("CXX", "c++")

# as the README tells who has no CMake
CHECKED = [
    "-std=c++17",
    "-O1",
    "-gdwarf-4",
    "-fno-omit-frame-pointer",
    "-fsanitize=thread,alignment",
    "-fPIC",
]
if sys.platform != "darwin":  # g++, and not clang, moves accesses away from their lines
    CHECKED += ["-fno-tree-loop-im", "-fno-tree-pre", "-fno-tree-sink", "-fno-if-conversion", "-Wno-tsan"]
PLAIN = ["-std=c++17", "-O2", "-fno-omit-frame-pointer", "-fPIC"]
WARNINGS = ["-Wall", "-Werror", "-Wno-unknown-pragmas", "-Wno-sign-compare"]


@dataclass(frozen=True)
class Outcome:
    """What a program gave: its numbers, a fault's text, or another error's."""

    numbers: list[float]
    fault: str
    error: str


def call(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def build(folder: Path) -> None:
    includes = [f"-I{CUDASIM / 'include'}", f"-I{HERE}"]
    for name in SOURCES:
        output = folder / f"{name}.cc"
        call(sys.executable, CUDASIM / "translate.py", HERE / f"{name}.cu", output)
        call(COMPILER, *CHECKED, *WARNINGS, *includes, "-c", output, "-o", folder / f"{name}.o")
    objects = [folder / f"{name}.o" for name in SOURCES]
    runtime = sorted(CUDASIM.glob("*.cc"))
    subprocess.run(
        [COMPILER, *PLAIN, "-shared", *runtime, *objects, "-o", folder / "programs.so"], check=True
    )


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    shared = tmp_path_factory.getbasetemp()
    folder = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "cudasim"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "programs.so").exists():
            build(folder)
    return ctypes.CDLL(str(folder / "programs.so"))


@pytest.fixture
def run(library: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Outcome]:
    """Return a function that runs a program in this folder, so that messages name files as they lie here."""
    monkeypatch.chdir(HERE)

    def one(name: str) -> Outcome:
        buffer = ctypes.create_string_buffer(1 << 20)
        code = library.run(name.encode(), buffer, ctypes.c_size_t(len(buffer)))
        text = buffer.value.decode()
        numbers = [float(number) for number in text.split()] if code == 0 else []
        return Outcome(numbers, text if code == 1 else "", text if code == 2 else "")

    return one
