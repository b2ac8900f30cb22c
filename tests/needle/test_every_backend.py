"""Run needle's tests once more on every other backend that this machine has."""

import os
from pathlib import Path

import pytest
from run_again import run_again

from needle import backend_ndarray as nd
from needle.backend_selection import BACKEND, default_device

NEEDLE = Path(__file__).resolve().parent

# Programs, pictures and the freeing of graphs, and the reading of data are the same on all arrays.
ONCE = ["test_hw1_on_both", "test_text_programs", "test_training_programs", "test_drawing", "test_data"]
ONCE += ["test_memory", "test_mlp_resnet"]
# Of the trainings beside PyTorch's, that of ResNet9 is run everywhere.
LEFT_OUT = "not hundred_thousand and not training_goes"
# The simulator takes half a minute for what says no more about kernels than the others.
LEFT_OUT_ON_THE_SIMULATOR = f"{LEFT_OUT} and not training_reads and not graph_stays"
EXAMPLES = {"np": 5, "cpu": 5, "taught": 5, "cpu_numpy": 5, "cuda": 5, "cuda_sim": 2}  # of a property
TAUGHT = bool(os.environ.get("NEEDLE_TEST_TAUGHT"))  # cpu() without its fast kernels, see conftest.py
THIS = "np" if BACKEND == "np" else "taught" if TAUGHT else default_device().name


@pytest.mark.parametrize("backend", EXAMPLES)
def test_needles_tests_pass_on_another_backend(backend: str) -> None:
    if backend == THIS:
        pytest.skip("these tests run on it already")
    chosen = [f"--ignore={NEEDLE / name}.py" for name in (Path(__file__).stem, *ONCE)]
    chosen += ["-k", LEFT_OUT_ON_THE_SIMULATOR if backend == "cuda_sim" else LEFT_OUT]
    examples = str(EXAMPLES[backend])
    run_again([NEEDLE], *chosen, **arrays_of(backend), NEEDLE_TEST_EXAMPLES=examples)


def arrays_of(backend: str) -> dict[str, str]:
    """Return the environment that chooses a backend. Skips the test where it is not built."""
    if backend == "np":
        return {"NEEDLE_BACKEND": "np"}
    device = nd.cpu() if backend == "taught" else getattr(nd, backend)()
    if not device.enabled() or (backend == "taught" and device.fast is None):
        pytest.skip(f"needs the module of {device}, and its fast kernels where both are compared")
    chosen = {"NEEDLE_BACKEND": "nd", "NEEDLE_DEVICE": device.name}
    return chosen | ({"NEEDLE_TEST_TAUGHT": "1"} if backend == "taught" else {})
