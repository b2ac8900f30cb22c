"""A small course of two assignments, with everything that a release has to tell apart."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from grader.course.policy import Course

Edit = Callable[[str, str, str], None]

CORE = '''
"""The core of the library."""

import gzip  # to read
import math
import os

__all__ = ["Value", "area"]

# How close is close enough.
_CLOSE = 1e-9
SIDES = 4


# Halve, and halve again.
def _halved(number):
    return number / 2 if number > _CLOSE else _quartered(number)


def _quartered(number):
    return _halved(number * 2)


def area(radius: float, *, scale: float = 1.0) -> float:
    """Return the area of a disc."""
    # squared first, so that nothing is lost
    squared = radius * radius * scale * scale + _halved(radius) - _halved(radius)
    return math.pi * squared


def circumference(radius: float) -> float:
    """This one is given."""
    return math.pi * radius * 2


class Value:
    """A number that knows its parents."""

    count = 0

    def __init__(self, data, parents=()):
        self.data = data
        self.parents = parents

    @property
    def depth(self) -> int:
        """How far the leaves are."""
        return 1 + max((self._depth_of(parent) for parent in self.parents), default=0)

    def _depth_of(self, other):
        return other.depth

    async def settle(self):
        """Wait."""
        for parent in self.parents:
            await parent.settle()
        return self.data


def trace(value):
    """Return the values in order."""
    found = []
    _visit(value, found)
    return found


def _visit(value, found):
    for parent in value.parents:
        _visit(parent, found)
    found.append(value)
'''

KERNEL = """
// A kernel and its launcher.
#include <cmath>
#include <string>

namespace tiny {

static float Square(float x) { return std::pow(x, 2.0f); }

// out[i] = in[i] * in[i]
__global__ void SquareKernel(const float *in, float *out, int size) {
  int at = blockIdx.x * blockDim.x + threadIdx.x;  // one element a thread
  if (at < size) out[at] = in[at] * in[at];
}

#define SQUARED(x) ((x) * (x))

// out[i] = scale * in[i] * in[i], through shared memory
template <typename T>
__global__ void __launch_bounds__(32)
    ScaledSquareKernel(const T *__restrict__ in, T *out, T scale,
                       int size) {
  extern __shared__ float strip[];
  strip[threadIdx.x] = threadIdx.x < size ? in[threadIdx.x] : 0;
  __syncthreads();
  if (threadIdx.x < size) out[threadIdx.x] = scale * SQUARED(strip[threadIdx.x]);
}

// Of one thread.
__device__ __forceinline__ float Lane(float x) { return __shfl_down_sync(0xffffffff, x, 1); }

/// Square and scale every element.
template <typename T>
void ScaledSquareAll(const T *in, T *out, T scale, int size) {
  dim3 grid(1), block(32);
  ScaledSquareKernel<T><<<grid, block, 32 * sizeof(float), nullptr>>>(in, out, scale, size);
}

/// Square every element.
void SquareAll(const float *in, float *out, int size) {
  for (int at = 0; at < size; ++at) out[at] = Square(in[at]);
  SquareKernel<<<1, 32>>>(in, out, size);
}

std::string Name() { return "tiny"; }

}  // namespace tiny
"""

GLUE = '''
"""What the library gives."""

import os

from . import later
from .core import Value, area
from .later import (
    Late,  # of the second part
)

__all__ = ["Late", "Value", "area"]
'''

FIRST = """
id: hw1
title: First
requirements: ["numpy>=1.20", "cmake>=3.20"]
adds: [lib/core.py, src/tiny.cu]
glue: [lib/__init__.py]
omit: [lib.core._visit]
questions:
  - {id: area, title: Area, points: 30, implement: [lib.core.area]}
  - id: value
    title: Values
    points: 30
    implement: [lib.core.Value.depth, lib.core.Value.settle, lib.core.trace]
  - id: kernel
    title: A kernel
    points: 30
    implement: ["src/tiny.cu::tiny::SquareKernel", "src/tiny.cu::tiny::SquareAll"]
  - id: templates
    title: Templates
    points: 10
    implement:
      - src/tiny.cu::tiny::ScaledSquareKernel
      - src/tiny.cu::tiny::ScaledSquareAll
      - src/tiny.cu::tiny::Lane
"""

SECOND = """
id: hw2
title: Second
requirements: ["numpy>=1.24", hypothesis]
adds: [lib/later.py]
glue: [lib/__init__.py]
questions:
  - {id: late, title: Late, points: 100, implement: [lib.later.Late]}
"""

LATER = '''
"""The second part."""


class Late:
    """A class that is a question as a whole."""

    def __init__(self, data):
        self.data = data * self._factor()

    def _factor(self):
        return 3

    def get(self):
        return self.data
'''

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "needle-grader"
version = "0.0.7"

[tool.setuptools]
packages = ["grader"]

[tool.setuptools.package-dir]
grader = "."
"""


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(dedent(text).lstrip("\n"), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The small course's repository."""
    course = {"id": "small", "title": "Small", "assignments": [{"id": "hw1"}, {"id": "hw2"}]}
    write(tmp_path, "course.yaml", json.dumps(course))
    for name, definition, questions in (
        ("hw1", FIRST, ("area", "value", "kernel", "templates")),
        ("hw2", SECOND, ("late",)),
    ):
        write(tmp_path, f"assignments/{name}/assignment.yaml", definition)
        write(tmp_path, f"assignments/{name}/README.md", f"# {name}\n")
        for question in questions:
            write(tmp_path, f"assignments/{name}/tests/test_{question}.py", "from lib import core\n")
            write(tmp_path, f"assignments/{name}/cases/{question}.py", "import numpy as np\n")
    write(tmp_path, "assignments/hw1/labels/area.py", "ANSWER = 42\n")
    write(tmp_path, "assignments/hw1/tests/__pycache__/test_area.cpython-311.pyc", "cached\n")
    write(tmp_path, "reference/lib/core.py", CORE)
    write(tmp_path, "reference/lib/later.py", LATER)
    write(tmp_path, "reference/lib/__init__.py", GLUE)
    write(tmp_path, "reference/lib/unreleased.py", "import lib\n")
    write(tmp_path, "src/tiny.cu", KERNEL)
    write(tmp_path, "workspace/Makefile", "test:\n\tpytest\n")
    write(tmp_path, "workspace/.github/workflows/tests.yml", "on: push\n")
    write(tmp_path, "grader/pyproject.toml", PYPROJECT)
    write(tmp_path, "grader/__init__.py", '"""A grader."""\n')
    return tmp_path


@pytest.fixture
def course(root: Path) -> Course:
    return Course(root)


@pytest.fixture(params=["this course", "the small course"])
def any_course(request: pytest.FixtureRequest, repository: Path) -> Course:
    return Course(repository if request.param == "this course" else request.getfixturevalue("root"))


@pytest.fixture
def edit(root: Path) -> Edit:
    """Return a function that replaces a text, which must stand once in a file of the course."""

    def replace(path: str, old: str, new: str) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        (root / path).write_text(text.replace(old, new), encoding="utf-8")

    return replace
