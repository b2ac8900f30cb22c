"""Builds: no library is stale, and an error names its place and question."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course.assignment import Assignment, load_assignment
from grader.running import cmake
from grader.running.build import build
from grader.running.diagnostics import read

pytest_plugins = ["pytester"]

CMAKE = """cmake_minimum_required(VERSION 3.18)
project(mine LANGUAGES CXX)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir OUTPUT_VARIABLE folder
                OUTPUT_STRIP_TRAILING_WHITESPACE)
find_package(pybind11 CONFIG REQUIRED PATHS "${folder}" NO_DEFAULT_PATH)
pybind11_add_module(work_ext NO_EXTRAS src/work_ext.cpp src/module.cpp)
"""
CPP = """#include <stdexcept>


int twice(int x) {
  return 2 * x;
}

int thrice(int x) {
  throw std::logic_error("not started: hw0/thrice");
}
"""
# A file of its own, never changed: what includes pybind11 takes seconds to compile.
MODULE = """#include <pybind11/pybind11.h>

int twice(int x);
int thrice(int x);

PYBIND11_MODULE(work_ext, module) {
  module.def("twice", &twice);
  module.def("thrice", &thrice);
}
"""
TESTS = {
    "add": "from work import add\ndef test_a(): assert add(1, 1) == 2\n",
    "twice": "from work_ext import twice\ndef test_a(): assert twice(2) == 4\n",
    "thrice": "from work_ext import thrice\n"
    "def test_a():\n    try: thrice(2)\n    except Exception: pass\n"
    "def test_b(): assert thrice(2) == 6\n",
}
FIELDS: dict[str, Any] = {
    "adds": ["hw0/work.py", "src/work_ext.cpp", "src/module.cpp"],
    "questions": {
        "twice": {"implement": ["src/work_ext.cpp::twice"]},
        "thrice": {"implement": ["src/work_ext.cpp::thrice"]},
    },
}
Make = Callable[..., Path]


def complete(root: Path) -> Path:
    (root / "src").mkdir()
    (root / "src" / "work_ext.cpp").write_text(CPP)
    (root / "src" / "module.cpp").write_text(MODULE)
    (root / "CMakeLists.txt").write_text(CMAKE)
    return root


def libraries(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "build" / "lib").glob("*"))


@pytest.fixture
def assignment(make_workspace: Make, tmp_path: Path) -> Assignment:
    root = make_workspace(tmp_path / "mine", "def add(x, y): return x + y\n", TESTS, **FIELDS)
    return load_assignment(complete(root) / "assignments" / "hw0")


@pytest.fixture
def root(assignment: Assignment) -> Path:
    return assignment.folder.parents[1]


def test_a_build_error_fails_its_question_and_no_stale_library_is_used(
    front: Any,
) -> None:
    """One workspace from a good build through a broken one and back: each build takes seconds."""
    front.make("def add(x, y): return x + y\n", TESTS, **FIELDS)
    source = complete(front.root) / "src" / "work_ext.cpp"
    assignment = load_assignment(front.root / "assignments" / "hw0")

    front("--hw", "hw0")
    assert front.figures == {"add": [1, 1], "twice": [1, 1], "thrice": [0, 2]}
    assert front.marks["thrice"] == "not started", "also in the test that swallowed the exception"
    again = build(front.root, assignment)
    assert again.ok
    assert again.seconds < 1

    source.write_text(CPP.replace("2 * x;", "2 * y;"))
    broken = front("--hw", "hw0")
    assert broken.ret == 1
    assert front.figures == {"add": [1, 1], "twice": [0, 1], "thrice": [0, 2]}
    assert (front.marks["twice"], front.marks["thrice"]) == ("failed", "not started")
    said = "*src/work_ext.cpp:5: 'y' was not declared*(question twice)"
    stopped = "The questions that this stops: twice. Everything else is built and tested."
    broken.stdout.fnmatch_lines(["The build failed:", said, stopped])
    assert "src/work_ext.cpp:5: 'y' was not declared" in front.results["twice"]["output"]

    source.write_text(CPP.replace("2 * x;", "5 * x;"))
    os.utime(source, (1, 1))  # as an archive unpacks it: older than every object
    assert build(front.root, assignment).ok
    assert front("--hw", "hw0", "--question", "twice", "--json", "twice.json").ret == 1
    assert "assert 10 == 4" in (front.root / "twice.json").read_text()


def test_a_library_that_someone_put_there_is_never_used(root: Path, assignment: Assignment) -> None:
    (root / "build" / "lib").mkdir(parents=True)
    (root / "build" / "lib" / "work_ext.so").write_bytes(b"stale")
    (root / "CMakeLists.txt").unlink()
    report = build(root, assignment)
    assert not report.ok
    assert [str(error) for error in report.errors] == [
        "CMakeLists.txt:1: this file is missing. Run `make update`."
    ]
    assert libraries(root) == []


def test_an_error_of_cmake_is_shown_with_its_line(root: Path, assignment: Assignment) -> None:
    (root / "CMakeLists.txt").write_text('project(mine LANGUAGES NONE)\nmessage(FATAL_ERROR "no pybind11")\n')
    report = build(root, assignment)
    assert not report.ok
    assert str(report.errors[0]) == "CMakeLists.txt:2: no pybind11"
    assert report.log_path
    assert "no pybind11" in report.log_path.read_text()


@pytest.mark.parametrize(
    ("missing", "said"), [("cmake", "CMake was not found"), ("c++", "No C++ compiler was found")]
)
def test_a_missing_tool_is_named_with_what_to_install(
    root: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch, missing: str, said: str
) -> None:
    monkeypatch.delenv("CXX", raising=False)
    found = {"cmake": sys.executable} if missing != "cmake" else {}
    monkeypatch.setattr(shutil, "which", lambda name, path=None: found.get(name))
    monkeypatch.setattr(cmake.importlib.util, "find_spec", lambda name: None)
    report = build(root, assignment)
    assert not report.ok
    assert report.errors[0].message.startswith(said)
    assert "install" in report.errors[0].message


def test_a_workspace_without_compiled_sources_has_nothing_to_build(
    make_workspace: Make, tmp_path: Path
) -> None:
    root = make_workspace(tmp_path / "plain", "", {"add": ""})
    assert build(root, load_assignment(root / "assignments" / "hw0")).ok


MESSAGES = {
    "gcc": (
        "{root}/src/work_ext.cpp:9:3: error: expected ';'\n",
        "src/work_ext.cpp:9: expected ';' (question thrice)",
    ),
    "clang": (
        "{root}/src/work_ext.cpp:5:14: fatal error: use of 'y'\n",
        "src/work_ext.cpp:5: use of 'y' (question twice)",
    ),
    "nvcc": (
        'src/work_ext.cpp(5): error: identifier "y" is undefined\n',
        'src/work_ext.cpp:5: identifier "y" is undefined (question twice)',
    ),
    "template": (
        "{root}/src/work_ext.cpp:5:20:   required from here\n/usr/include/vector:80:3: error: no match\n",
        "src/work_ext.cpp:5: no match (question twice)",
    ),
    "include": (
        "In file included from {root}/src/work_ext.cpp:1:\n/usr/include/x.h:80:3: error: no match\n",
        "src/work_ext.cpp:1: no match",
    ),
    "in the environment": (
        "{root}/src/work_ext.cpp:5:20:   required from here\n"
        "{root}/.venv/pybind11/cast.h:8:3: error: no match\n",
        "src/work_ext.cpp:5: no match (question twice)",
    ),
    "import": (
        "ImportError: {root}/build/lib/work_ext.so: undefined symbol: _Z6thricei\n",
        "src/work_ext.cpp: thrice is called, but not defined. Expected a function of this name that takes "
        "what its header declares. Name it so again, with the parameters that it had. (question thrice)",
    ),
    "import from a namespace": (
        "ImportError: {root}/build/lib/work_ext.so: undefined symbol: _ZN6needle5twiceEi\n",
        "undefined symbol: _ZN6needle5twiceEi",
    ),
    "linker": (
        "/usr/bin/ld: a.o: undefined reference to `lost()'\n",
        "undefined reference to `lost()'",
    ),
}


@pytest.mark.parametrize("compiler", MESSAGES)
def test_a_compilers_message_is_read(root: Path, assignment: Assignment, compiler: str) -> None:
    text, expected = MESSAGES[compiler]
    output = f"[ 50%] Building\n{text.format(root=root)}warning: never mind\n" * 2
    assert [str(error) for error in read(output, root, assignment)] == [expected]
