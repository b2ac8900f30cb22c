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

# The simulator has no room for 100,000 arrays at once, each of which it surrounds by pages without access,
# and takes half a minute for a training that says no more about kernels than the others.
LEFT_OUT = {
    "cuda_sim": "not hundred_thousand and not counter_counts and not training_reads and not thousand_steps"
}
ONCE = [__file__, str(NEEDLE / "test_hw1_on_both.py")]  # they choose their backends themselves
EXAMPLES = {"np": 8, "cpu": 8, "taught": 8, "cpu_numpy": 8, "cuda": 8, "cuda_sim": 2}  # of a property
TAUGHT = bool(os.environ.get("NEEDLE_TEST_TAUGHT"))  # cpu() without its fast kernels, see conftest.py
THIS = "np" if BACKEND == "np" else "taught" if TAUGHT else default_device().name


@pytest.mark.parametrize("backend", EXAMPLES)
def test_needles_tests_pass_on_another_backend(backend: str) -> None:
    if backend == THIS:
        pytest.skip("these tests run on it already")
    chosen = [f"--ignore={path}" for path in ONCE] + ["-k", LEFT_OUT.get(backend, "")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", *chosen, str(NEEDLE)],
        env=os.environ | arrays_of(backend) | {"NEEDLE_TEST_EXAMPLES": str(EXAMPLES[backend])},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def arrays_of(backend: str) -> dict[str, str]:
    """Return the environment that chooses a backend. Skips the test where it is not built."""
    if backend == "np":
        return {"NEEDLE_BACKEND": "np"}
    device = nd.cpu() if backend == "taught" else getattr(nd, backend)()
    if not device.enabled() or (backend == "taught" and device.fast is None):
        pytest.skip(f"needs the module of {device}, and its fast kernels where both are compared")
    chosen = {"NEEDLE_BACKEND": "nd", "NEEDLE_DEVICE": device.name}
    return chosen | ({"NEEDLE_TEST_TAUGHT": "1"} if backend == "taught" else {})
