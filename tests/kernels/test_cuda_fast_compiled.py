"""The fast CUDA kernels compile where there is nvcc, GPU or not."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "cuda_fast"


def test_the_fast_kernels_compile_without_a_warning(tmp_path: Path) -> None:
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        pytest.skip("needs nvcc")
    for source in sorted(SOURCES.glob("*.cu")):
        command = [
            nvcc,
            "-std=c++17",
            "-arch=sm_80",
            "-Xcompiler=-Wall",
            "-Xptxas=-O1",
            "-cubin",
            str(source),
        ]
        run = subprocess.run(
            [*command, "-o", str(tmp_path / "kernels.cubin")], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stdout + run.stderr) == (0, ""), source.name
