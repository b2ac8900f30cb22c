"""Random calls of each extension module that is built: right ones are right, wrong ones are refused."""

import importlib

import pytest
from kernel_fuzz import Fuzz

CALLS = {
    "ndarray_backend_cpu": 4_000,
    "ndarray_backend_cuda": 2_000,
    "ndarray_backend_cuda_sim": 300,
    "needle.backend_ndarray.ndarray_backend_numpy": 1_000,
}


@pytest.mark.parametrize("name", CALLS)
def test_no_call_crashes_or_passes_wrong_sizes(name: str) -> None:
    try:
        module = importlib.import_module(name)
        module.Array(1)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"needs the module, built and with its device here: {error}")
    Fuzz(module, seed=0).run(CALLS[name])
