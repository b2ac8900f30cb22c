"""A build with errors: what does not compile fails, and everything else is built and runs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_workspaces import write_workspace

from grader.course.assignment import Assignment, load_assignment
from grader.running import cmake
from grader.running.build import BuildReport, build
from grader.running.diagnostics import CompilerError
from grader.running.mending import _blamed, _with_stubs

CMAKE = """cmake_minimum_required(VERSION 3.18)
project(mine LANGUAGES CXX)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
Python_add_library(one MODULE WITH_SOABI src/one.cpp src/one_module.cpp)
Python_add_library(two MODULE WITH_SOABI src/two.cpp)
"""
ONE = """// Three functions.
#include "wrong.h"
namespace numbers {

int helper(int x) { return x; }

int twice(int x) {
  return 2 * x;
}

int thrice(int x) {
  if (x > 0) {
    return 3 * x;
  }
  return helper(3 * x);
}

int square(int x) {
  return x * x;
}

}  // namespace numbers
"""
WRONG = "#pragma once\ntemplate <class T>\nint wrong(T x) {\n  return x.value;\n}\n"
MODULE = """#include <Python.h>
#include <exception>
DECLARED
template <int (*function)(int)>
PyObject* call(PyObject*, PyObject* x) {
  try {
    return PyLong_FromLong(function(static_cast<int>(PyLong_AsLong(x))));
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
    return nullptr;
  }
}
static PyMethodDef methods[] = {METHODS {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_NAME() { return PyModule_Create(&module); }
"""
TWO = "int cube(int x) {\n  return x * x * x;\n}\n"
FIELDS: dict[str, Any] = {
    "adds": ["hw0/work.py", "src/one.cpp", "src/two.cpp"],
    "questions": {
        "twice": {"implement": ["src/one.cpp::numbers::twice"]},
        "thrice": {"implement": ["src/one.cpp::numbers::thrice"]},
        "square": {"implement": ["src/one.cpp::numbers::square"]},
        "cube": {"implement": ["src/two.cpp::cube"]},
    },
}
NAMES = ["twice", "thrice", "square"]
IN_ONE = dict.fromkeys(NAMES)


def module(name: str, declared: str, functions: list[str]) -> str:
    methods = "".join(f'{{"{one}", call<{declared}{one}>, METH_O, nullptr}}, ' for one in functions)
    declarations = "".join(f"int {one}(int x);" for one in functions)
    if declared:
        declarations = f"namespace {declared.rstrip(':')} {{ {declarations} }}"
    return MODULE.replace("DECLARED", declarations).replace("METHODS", methods).replace("NAME", name)


class Built:
    """A workspace with two libraries, built again after each change."""

    def __init__(self, root: Path):
        self.root = root
        (root / "src").mkdir()
        self.write("CMakeLists.txt", CMAKE)
        self.write("src/wrong.h", WRONG)
        self.write("src/one_module.cpp", module("one", "numbers::", NAMES))
        self.assignment = load_assignment(root / "assignments" / "hw0")

    def write(self, file: str, text: str) -> None:
        (self.root / file).write_text(text)

    def __call__(self, *changes: tuple[str, str]) -> BuildReport:
        text = ONE
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        self.write("src/one.cpp", text)
        self.write("src/two.cpp", TWO + module("two", "", ["cube"]))
        return build(self.root, self.assignment)

    def value(self, call: str) -> str:
        """Return what a call gives in a process of its own: the value, or the last line of the error."""
        name = "two" if call.startswith("cube") else "one"
        source = f"import sys; sys.path.insert(0, 'build/lib'); import {name}; print({name}.{call})"
        ran = subprocess.run(
            [sys.executable, "-c", source], cwd=self.root, capture_output=True, text=True, check=False
        )
        return (ran.stdout or ran.stderr).splitlines()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:

    tests = dict.fromkeys(("add", *NAMES, "cube"), "")
    root = tmp_path_factory.mktemp("mending") / "mine"
    return Built(write_workspace(root, "def add(x, y): return x + y\n", tests, **FIELDS))


def said(report: BuildReport) -> list[str]:
    return [str(error) for error in report.errors]


def test_bodies_that_do_not_compile_are_stubs_in_libraries_that_hold_everything_else(built: Built) -> None:
    report = built(("2 * x", "2 * y"), ("x * x;", "x * z;"))
    assert not report.ok
    assert said(report) == [
        "src/one.cpp:8: 'y' was not declared in this scope (question twice)",
        "src/one.cpp:19: 'z' was not declared in this scope (question square)",
    ]
    assert report.problems == {
        "twice": f"it does not compile:\n  {report.errors[0]}",
        "square": f"it does not compile:\n  {report.errors[1]}",
    }
    assert (built.value("thrice(2)"), built.value("cube(2)")) == ("6", "8")
    assert built.value("twice(2)") == "RuntimeError: not started: hw0/twice"
    assert "2 * y" in (built.root / "src" / "one.cpp").read_text(), "the student's file stays"


def test_the_same_failure_is_not_built_twice(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    first = built(("2 * x", "2 * y"))
    monkeypatch.setattr(cmake, "run_cmake", None)
    again = built(("2 * x", "2 * y"))
    assert (again.ok, again.errors, again.problems) == (False, first.errors, first.problems)


def test_errors_that_show_only_once_others_are_gone_are_found_too(built: Built) -> None:
    report = built(("if (x > 0) {", "if (x > 0)"), ("2 * x", "2 * y"))
    assert said(report) == [
        "src/one.cpp:11: the braces of numbers::thrice don't match. "
        "Expected one } for each {. (question thrice)",
        "src/one.cpp:8: 'y' was not declared in this scope (question twice)",
    ]
    assert list(report.problems) == ["twice", "thrice"]
    assert built.value("square(3)") == "9"


def test_a_brace_that_is_missing_stops_only_its_own_function(built: Built) -> None:
    report = built(("    return 3 * x;\n  }", "    return 3 * x;"))
    assert list(report.problems) == ["thrice"]
    assert (built.value("twice(2)"), built.value("square(3)")) == ("4", "9")


def test_an_error_in_a_template_belongs_to_the_body_that_instantiates_it(built: Built) -> None:
    report = built(("2 * x", "wrong(x)"))
    assert [(error.file, error.line, error.question) for error in report.errors] == [
        ("src/wrong.h", 4, "twice")
    ]
    assert list(report.problems) == ["twice"]
    assert built.value("thrice(2)") == "6"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("{ return x; }", "{ return y; }"), "src/one.cpp:5: 'y' was not declared in this scope"),
        (("int twice(int x)", "number twice(int x)"), "src/one.cpp:7: 'number' does not name a type"),
    ],
    ids=["a helper", "a signature"],
)
def test_an_error_outside_of_all_bodies_stops_its_library_and_no_other(
    built: Built, change: tuple[str, str], message: str
) -> None:
    report = built(change)
    assert str(report.errors[0]).startswith(message)
    assert report.problems.keys() == IN_ONE.keys()
    assert built.value("cube(2)") == "8"
    assert built.value("twice(2)") == "ModuleNotFoundError: No module named 'one'"


def test_once_it_compiles_nothing_of_the_copy_is_left_in_use(built: Built) -> None:
    assert not built(("2 * x", "2 * y")).ok
    report = built()
    assert (report.ok, report.errors, report.problems) == (True, [], {})
    assert built.value("twice(2)") == "4"


CUDA = """// About.
//
#include "kernels.h"

__global__ void TwiceKernel(float *x) {
  x[0] *= 2;
}

void Twice(float *x) {
  TwiceKernel<<<1, 1>>>(x);
}

void Plain() { work(); }
"""


@pytest.fixture
def cuda(make_workspace: Callable[..., Path], tmp_path: Path) -> Assignment:
    fields: dict[str, Any] = {
        "adds": ["hw0/work.py", "src/k.cu"],
        "questions": {
            "twice": {"implement": ["src/k.cu::Twice", "src/k.cu::TwiceKernel"]},
            "plain": {"implement": ["src/k.cu::Plain"]},
        },
    }
    root = make_workspace(tmp_path / "mine", "", {"twice": "", "plain": ""}, **fields)
    (root / "src").mkdir()
    (root / "src" / "k.cu").write_text(CUDA)
    return load_assignment(root / "assignments" / "hw0")


def test_with_a_kernel_goes_its_launcher_and_every_line_keeps_its_number(cuda: Assignment) -> None:
    root = cuda.folder.parents[1]
    error = CompilerError("src/k.cu", 6, 0, "wrong", "twice", "src/k.cu::TwiceKernel")
    blamed = _blamed(root, cuda, [error])
    assert [symbol.name for _, symbol in blamed] == ["TwiceKernel", "Twice"]
    assert _with_stubs(CUDA, "hw0", blamed) == (
        CUDA.replace("// About.", "#include <stdexcept>")
        .replace("{\n  x[0] *= 2;\n}", "{\n\n}")
        .replace(
            "{\n  TwiceKernel<<<1, 1>>>(x);\n}", '{ throw std::logic_error("not started: hw0/twice"); \n\n}'
        )
    )


def test_a_launcher_that_does_not_compile_leaves_its_kernel(cuda: Assignment) -> None:
    error = CompilerError("src/k.cu", 10, 0, "wrong", "twice", "src/k.cu::Twice")
    blamed = _blamed(cuda.folder.parents[1], cuda, [error])
    assert [symbol.name for _, symbol in blamed] == ["Twice"]
