"""The fast CUDA kernels, compiled for cudasim, pass the tests that say what they compute, and its checks.

No GPU is needed: each access is checked for races, for arrays' ends and for what was never written.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from run_again import run_again

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
MODULE = "ndarray_backend_cuda_sim"  # so that ndl.cuda_sim() has fast kernels too
BUILD = ROOT / "build" / "cuda_fast_sim"
EXAMPLES = "3"  # of a property

# What these leave out needs a GPU, several threads, or memory that is kept.
LEFT_OUT = "not tensor_cores and not freed and not threads and not instruction_set"
LEFT_OUT += " and not 31-129 and not 200-200 and not 33-384"  # tiles enough are left


@pytest.fixture(scope="module")
def built() -> Path:
    """Return the folder of the module, built anew where a source has changed."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cmake = Path(sys.executable).with_name("cmake")
        python = f"-DPython_EXECUTABLE={sys.executable}"
        run(cmake, "-S", TESTS / "kernels" / "cuda_fast_sim", "-B", BUILD, python)
        run(cmake, "--build", BUILD, "--parallel", "2")
    return BUILD


def run(*command: object, **environment: str) -> str:
    """Run a command, and return what it prints."""
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def run_tests(built: Path, tests: Path, chosen: str, **environment: str) -> None:
    """Run tests in a process in which the module is the one that was built here."""
    path = f"-opythonpath=tests reference reference/apps {built} build/lib"
    named = {"NEEDLE_TEST_KERNELS": MODULE, "NEEDLE_TEST_EXAMPLES": EXAMPLES}
    run_again([tests], path, "-k", chosen, **named, **environment)


@pytest.mark.parametrize("name", ["cuda_fast", "sequences", "attention", "training"])
def test_the_kernels_tests_pass_on_the_simulator(built: Path, name: str) -> None:
    run_tests(built, TESTS / "kernels" / f"test_{name}.py", LEFT_OUT)


@pytest.mark.parametrize("name", ["fused_sequences", "fused_images"])
def test_layers_are_fused_on_a_simulated_gpu_and_give_what_the_composed_ones_do(
    built: Path, name: str
) -> None:
    needle = {"NEEDLE_BACKEND": "nd", "NEEDLE_DEVICE": "cuda_sim"}
    run_tests(built, TESTS / "needle" / f"test_{name}.py", "not resnet9", **needle)


def test_gradients_of_an_index_of_no_row_are_left_out(built: Path) -> None:
    program = f"""
import numpy as np
import {MODULE} as module

def uploaded(numbers):
    array = np.array(numbers, dtype="float32")
    handle = module.Array(array.size)
    module.from_numpy(array.ravel(), handle)
    return handle

a, indices = uploaded([[1, 2], [3, 4], [5, 6], [7, 8]]), uploaded([2, -1, 2, 3])
(out,) = module.fast.scatter_add_rows((4, 3, 2), a, indices)
print(module.to_numpy(out, [3, 2], [2, 1], 0).tolist())
"""
    assert (
        run(sys.executable, "-c", program, PYTHONPATH=str(built)) == "[[0.0, 0.0], [0.0, 0.0], [6.0, 8.0]]\n"
    )


def test_a_kernel_that_reads_what_was_never_written_is_found(built: Path) -> None:
    program = f"""
import {MODULE} as module
try:
    module.fast.layer_norm((2, 3), *(module.Array(size) for size in (6, 3, 3)), 1e-5)
except RuntimeError as fault:
    print(fault)
"""
    assert "to which nothing was ever written" in run(sys.executable, "-c", program, PYTHONPATH=str(built))
