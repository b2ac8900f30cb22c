"""The programs that train a language model and let it write, run on a text of a few words."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
KINDS = ("rnn", "lstm", "gru", "transformer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a stand-in of sentences that are all alike, and return the folder above it."""
    (tmp_path / "ptb").mkdir()
    for part, lines in (("train", 40), ("test", 8)):
        text = "".join(f" the {'cat' if line % 2 else 'dog'} sat on the mat \n" for line in range(lines))
        (tmp_path / "ptb" / f"{part}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "ptb" / "SYNTHETIC.txt").touch()
    return tmp_path


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


def rows_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines that a training has printed, without those on its data."""
    assert done.returncode == 0, done.stderr
    first, header, *rows = done.stdout.splitlines()
    assert first.startswith("Data: the synthetic stand-in for Penn Treebank, from ")
    assert header == "epoch | train loss | train perplexity | test loss | test perplexity | test accuracy"
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_trained_with_a_row_an_epoch_and_then_writes(kind: str, folder: Path) -> None:
    done = run("train_language_model.py", folder, "--model", kind, "--epochs", "2", "--checkpoint", "state")
    rows = rows_of(done)
    assert [row.split("|")[0].strip() for row in rows] == ["1", "2"]
    asked = "--model", kind, "--checkpoint", "state", "--prompt", "the cat", "--words", "9"
    written = run("generate.py", folder, *asked)
    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith("the cat")
    assert {*written.stdout.split()} <= {"the", "cat", "dog", "sat", "on", "mat"}


def test_a_resumed_training_ends_as_one_that_never_stopped_and_draws_its_losses(folder: Path) -> None:
    pytest.importorskip("matplotlib", reason="it draws the plot")
    whole = run("train_language_model.py", folder, "--epochs", "3", "--json", "figures", "--plot", "plot.png")
    run("train_language_model.py", folder, "--epochs", "1", "--checkpoint", "state")
    resumed = run("train_language_model.py", folder, "--epochs", "3", "--checkpoint", "state", "--resume")
    assert rows_of(resumed) == rows_of(whole)
    figures = json.loads((folder / "figures").read_text(encoding="utf-8"))
    assert (figures["dataset"], figures["model"], figures["epochs"]) == ("synthetic", "lstm", 3)
    assert figures["test_perplexity"] == pytest.approx(math.exp(figures["test_loss"]))
    assert f"{figures['test_perplexity']:.2f}" in rows_of(whole)[-1]
    assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("train_language_model.py", [], "`make data DATASET=ptb SYNTHETIC=1` for a stand-in"),
        ("generate.py", ["--checkpoint", "none"], "`make data DATASET=ptb SYNTHETIC=1` for a stand-in"),
    ],
)
def test_a_program_without_data_says_what_to_do(
    program: str, arguments: list[str], said: str, tmp_path: Path
) -> None:
    done = run(program, tmp_path, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("lines", "said"),
    [("0", "max_lines is 0. Expected at least 1"), ("1", "7 words for 16 columns"), ("3", "row 0 of 1")],
)
def test_too_few_lines_are_refused_in_words(lines: str, said: str, folder: Path) -> None:
    done = run("train_language_model.py", folder, "--max-lines", lines)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
