"""The programs that train on MNIST, run as `make train` runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_mnist import write_mnist

REFERENCE = Path(__file__).resolve().parents[2] / "reference"

both = pytest.mark.parametrize("program", ["train_two_layer.py", "train_mlp_resnet.py"])


def run(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(REFERENCE), str(REFERENCE / "apps")])
    return subprocess.run(
        [sys.executable, "-W", "error", str(REFERENCE / "apps" / program), *arguments],
        env=os.environ | {"PYTHONPATH": path, "NEEDLE_DATA_DIR": str(folder), "NEEDLE_BACKEND": "np"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


HEADERS = {
    "train_two_layer.py": "epoch | train error | train loss | test error | test loss",
    "train_mlp_resnet.py": "     pass | error rate | mean loss",
}
PASSES = {"train_two_layer.py": ["1", "2"], "train_mlp_resnet.py": ["epoch 1", "epoch 2", "test"]}
TEST_ERROR = {"train_two_layer.py": 3, "train_mlp_resnet.py": 1}  # its column


@both
def test_a_program_prints_a_row_a_pass_and_writes_figures_and_a_plot(program: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="it draws the plot")
    write_mnist(tmp_path / "mnist")
    (tmp_path / "mnist" / "SYNTHETIC.txt").touch()
    done = run(program, tmp_path, "--epochs", "2", "--json", "figures.json", "--plot", "losses.png")
    assert done.returncode == 0, done.stderr
    first, header, *rows = done.stdout.splitlines()
    assert first == f"Data: the synthetic stand-in for MNIST, from {tmp_path / 'mnist'}"
    assert header == HEADERS[program]
    assert [row.split("|")[0].strip() for row in rows] == PASSES[program]
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert (figures["dataset"], figures["epochs"]) == ("synthetic", 2)
    assert f"{figures['test_error']:.4f}" == rows[-1].split("|")[TEST_ERROR[program]].strip()
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")


@both
def test_a_program_without_data_says_what_to_do(program: str, tmp_path: Path) -> None:
    done = run(program, tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "`make data DATASET=mnist SYNTHETIC=1` for a stand-in that needs no network.\n"
    )
    assert "Traceback" not in done.stderr
