"""NumPy's views, drawn and put into a backend's memory, for the tests of its fast kernels.

The backend is the CPU's, or what NEEDLE_TEST_KERNELS names: another module with kernels of these names.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from run_again import run_again

Array = NDArray[np.float32]

CPU = "ndarray_backend_cpu"
backend = import_module(os.environ.get("NEEDLE_TEST_KERNELS", CPU))
fast = backend.fast
# A simulated GPU is slow; another instruction set runs what this one ran, with other widths.
EXAMPLES = (40 if "NEEDLE_ISA" in os.environ else 120) if backend.__name__ == CPU else 6
drawn = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)

# Around what the kernels treat apart: vectors of 4, 8 and 16, tiles of 64, and short rows.
LENGTHS = st.sampled_from([0, 1, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 130])
# How an axis lies in memory: its step, forwards or backwards, or 0 for one element seen many times.
STEPS = st.sampled_from([1, 1, 1, 2, 3, -1, -2, 0])
MOST = 20_000  # elements


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    shape = tuple(draw(st.lists(LENGTHS, max_size=5)))
    while np.prod(shape) > MOST:
        shape = shape[1:]
    return shape


@st.composite
def views(draw: st.DrawFn, shape: tuple[int, ...], steps: st.SearchStrategy[int] = STEPS) -> Array:
    """Draw a view of that shape, its axes in any order in memory, each with a step of its own."""
    order = draw(st.permutations(range(len(shape))))
    step = [draw(steps) for _ in shape]
    for axis in range(2, len(shape)):  # gaps along more axes make much memory of few elements
        step[axis] = int(np.sign(step[axis]))
    stored = [max(1, length * abs(by)) if by else 1 for length, by in zip(shape, step, strict=True)]
    stored = [length + draw(st.integers(0, 2)) if by else 1 for length, by in zip(stored, step, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = rng.integers(-200, 200, size=[stored[axis] for axis in order], dtype="int16")
    view = np.asarray(numbers / np.float32(8)).transpose(np.argsort(order))
    view = view[(..., *(slice(None, None, by or None) for by in step))]
    view = view[(..., *(slice(length) for length in shape))]
    return np.broadcast_to(view, shape)


def memory_of(view: Array) -> Array:
    """Return the array that a view is a view of."""
    while isinstance(view.base, np.ndarray):
        view = view.base
    return view


def uploaded(memory: Array) -> Any:
    """Return a handle of the backend with a copy of this memory."""
    handle = backend.Array(memory.size)
    backend.from_numpy(memory.reshape(-1), handle)
    return handle


def place(view: Array) -> tuple[tuple[int, ...], int]:
    """Return a view's strides, in elements, and where in its memory its first element lies."""
    offset = (view.__array_interface__["data"][0] - memory_of(view).__array_interface__["data"][0]) // 4
    return tuple(stride // 4 for stride in view.strides), offset if view.size else 0


def placed(view: Array) -> tuple[Any, tuple[int, ...], int]:
    """Return the arguments with which fast kernels take an operand among others."""
    return uploaded(memory_of(view)), *place(view)


def shaped(view: Array) -> tuple[Any, tuple[int, ...], tuple[int, ...], int]:
    """Return the arguments with which fast kernels take their only array."""
    return uploaded(memory_of(view)), view.shape, *place(view)


def read(handle: Any, shape: tuple[int, ...]) -> Array:
    """Return what a compact result holds."""
    assert handle.size == np.prod(shape)
    strides = [stride // 4 for stride in np.empty(shape, "float32").strides]
    result: Array = backend.to_numpy(handle, list(shape), strides, 0)
    return result


@contextmanager
def threads(number: int) -> Iterator[None]:
    before = fast.num_threads()
    fast.set_num_threads(number)
    try:
        yield
    finally:
        fast.set_num_threads(before)


def lacks(isa: str) -> bool:
    """Tell whether this processor is without an instruction set."""
    program = "import ndarray_backend_cpu as backend; backend.fast"
    return subprocess.run(_python("-c", program), env=_environment(isa), capture_output=True).returncode != 0


def run_tests_with(isa: str, file: str, chosen: str) -> None:
    """Run a file's tests once more, in a process that uses this instruction set."""
    run_again([Path(file)], "-k", chosen, NEEDLE_ISA=isa)


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _environment(isa: str) -> dict[str, str]:
    return os.environ | {"NEEDLE_ISA": isa, "PYTHONPATH": os.pathsep.join(sys.path)}
