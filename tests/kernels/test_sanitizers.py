"""The CPU backend under AddressSanitizer and UndefinedBehaviorSanitizer, as `make sanitize` builds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SANITIZED = ROOT / "build" / "sanitized" / "lib"
TESTS = ROOT / "tests"
CHECKED = ["kernels/test_elementwise.py", "kernels/test_functions.py", "kernels/test_reductions.py"]
CHECKED += ["kernels/test_gemm.py", "kernels/test_allocator.py", "kernels/test_sequences.py"]
CHECKED += ["kernels/test_attention.py", "kernels/test_convolution.py", "ndarray"]

pytestmark = pytest.mark.skipif(
    not list(SANITIZED.glob("ndarray_backend_cpu*")), reason="needs the kernels built by `make sanitize`"
)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the sanitizers' libraries in it, and the sanitized module on its path."""
    sanitizers = {
        "LD_PRELOAD": f"{_library('libasan.so')} {_library('libstdc++.so')}",
        # Python leaves memory to the system when it ends, and a size that there is none of is no finding.
        # GCC 12 aligns vectors of 64 bytes wrongly where it looks for uses of a stack after a return:
        # its bug 110027.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    needle = {"NEEDLE_BACKEND": "nd", "NEEDLE_DEVICE": "cpu", "NEEDLE_TEST_EXAMPLES": "8"}
    path = {
        "PYTHONPATH": os.pathsep.join(map(str, (SANITIZED, ROOT / "reference"))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        # also for the runs of pytest that tests begin
        "PYTEST_ADDOPTS": f"-o 'pythonpath=tests reference reference/apps {SANITIZED}'",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | sanitizers | needle | path,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )


def assert_clean(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]


def _library(name: str) -> str:
    """Return the path of a library of the compiler's, which has to be there before Python is."""
    compiler = os.environ.get("CXX", "c++")
    found = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return str(Path(found.stdout.strip()).resolve())


def test_the_module_that_is_checked_is_the_sanitized_one() -> None:
    done = run("-c", "import ndarray_backend_cpu; print(ndarray_backend_cpu.__file__)")
    assert_clean(done)
    assert done.stdout.startswith(str(SANITIZED))


def test_a_write_past_an_array_is_seen() -> None:
    program = (
        "import ctypes, ndarray_backend_cpu as m; a = m.Array(64); ctypes.memmove(a.ptr() + 255, b'ab', 2)"
    )
    done = run("-c", program)
    assert done.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in done.stderr


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_random_calls_touch_nothing_outside_of_their_arrays(
    isa: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDLE_ISA", isa)
    if run("-c", "import ndarray_backend_cpu").returncode != 0:
        pytest.skip(f"this processor has no {isa}")
    assert_clean(run(str(TESTS / "kernel_fuzz.py"), "ndarray_backend_cpu", "1", "20000"))


@pytest.mark.parametrize("path", CHECKED)
def test_the_kernels_tests_pass_under_the_sanitizers(path: str) -> None:
    # AddressSanitizer keeps what is freed, so as to see who still uses it
    chosen = ["-k", "not dropped and not instruction_sets"]  # on these come random calls
    folder = TESTS / Path(path).parts[0]  # whose tests need nothing of the conftest.py above
    assert_clean(run("-m", "pytest", "-q", "-x", f"--confcutdir={folder}", *chosen, str(TESTS / path)))
