"""The program that trains ResNet9, run as `make train` runs it, on few pictures in the published format."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "datasets"))

import synthetic_cifar10

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference"
HEADER = "epoch | train accuracy | train loss | test accuracy | test loss"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write 100 pictures to train on and 20 to test with."""
    batches = tmp_path / "cifar-10-batches-py"
    batches.mkdir()
    synthetic_cifar10.write(batches, count=20)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, [REFERENCE, REFERENCE / "apps", ROOT / "build" / "lib"]))
    return subprocess.run(
        [sys.executable, "-W", "error", str(REFERENCE / "apps" / "train_resnet9.py"), *arguments],
        env=os.environ | {"PYTHONPATH": path, "NEEDLE_DATA_DIR": str(folder), "NEEDLE_BACKEND": "nd"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_program_prints_a_row_an_epoch_and_writes_figures_and_a_plot(folder: Path) -> None:
    pytest.importorskip("matplotlib", reason="it draws the plot")
    (folder / "cifar-10-batches-py" / "SYNTHETIC.txt").touch()
    done = run(folder, "--epochs", "2", "--json", "figures.json", "--plot", "losses.png")
    assert done.returncode == 0, done.stderr
    first, header, *rows = done.stdout.splitlines()
    assert first.startswith("Data: the synthetic stand-in for CIFAR-10, from ")
    assert header == HEADER
    assert [row.split("|")[0].strip() for row in rows] == ["1", "2"]
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert (figures["dataset"], figures["epochs"]) == ("synthetic", 2)
    assert f"{1 - figures['test_error']:.4f}" == rows[-1].split("|")[3].strip()
    assert (folder / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_that_resumes_ends_with_the_figures_of_one_that_never_stopped(folder: Path) -> None:
    kept = "--checkpoint", "state.safetensors"
    run(folder, "--epochs", "1", *kept)
    resumed = run(folder, "--epochs", "3", "--resume", *kept)
    assert resumed.returncode == 0, resumed.stderr
    whole = run(folder, "--epochs", "3")
    assert resumed.stdout == whole.stdout
    assert "real CIFAR-10" in whole.stdout
    again = run(folder, "--epochs", "3", "--resume", *kept)  # nothing is left to do
    assert again.stdout == whole.stdout


def test_without_data_the_program_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "`make data DATASET=cifar10 SYNTHETIC=1` for a stand-in that needs no network.\n"
    )
    assert "Traceback" not in done.stderr
