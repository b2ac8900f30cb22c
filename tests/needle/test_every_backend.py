"""Run needle's tests once more on every other backend that this machine has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from needle import backend_ndarray as nd
from needle.backend_selection import BACKEND, default_device

ROOT = Path(__file__).resolve().parents[2]
NEEDLE = ROOT / "tests" / "needle"

# the simulator takes a thousand times as long: ops, modules and optimizers on it stand for the rest
SOME = [
    f"test_{name}.py" for name in ("ops", "operators", "tuples", "nn", "normalization", "optim", "devices")
]
EXAMPLES = {"np": 25, "cpu": 8, "cpu_numpy": 8, "cuda": 8, "cuda_sim": 2}  # of a property

THIS = "np" if BACKEND == "np" else default_device().name


@pytest.mark.parametrize("backend", EXAMPLES)
def test_needles_tests_pass_on_another_backend(backend: str) -> None:
    if backend == THIS:
        pytest.skip("these tests run on it already")
    if backend != "np" and not getattr(nd, backend)().enabled():
        pytest.skip(f"needs the module of {backend}(), which is not built here")
    arrays = (
        {"NEEDLE_BACKEND": "np"} if backend == "np" else {"NEEDLE_BACKEND": "nd", "NEEDLE_DEVICE": backend}
    )
    files = [str(NEEDLE / name) for name in SOME] if backend == "cuda_sim" else [str(NEEDLE)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", f"--ignore={__file__}", *files],
        env=os.environ | arrays | {"NEEDLE_TEST_EXAMPLES": str(EXAMPLES[backend])},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
