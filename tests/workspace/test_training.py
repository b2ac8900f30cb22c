"""`make train`: the right program, on the right code, with data or a stand-in for them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Stands for datasets/get.py: notes how it is called, and keeps what is there in a file.
GET = """import pathlib, sys
name, *options = sys.argv[1:]
with open("asked.txt", "a") as file: print(name, *options, file=file)
if "--synthetic" in options: pathlib.Path(name).write_text("synthetic")
sys.exit(0 if pathlib.Path(name).exists() else 1)
"""
PROGRAM = """import json, os, sys
import work
seen = {"arguments": sys.argv[1:], "work": work.__file__, "backend": os.environ.get("BACKEND")}
open("build/training/seen.json", "w").write(json.dumps(seen))
sys.exit(int(os.environ.get("EXIT", "0")))
"""

Train = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(make_workspace: Callable[..., Path], tmp_path: Path) -> Path:
    fields: dict[str, Any] = {"glue": ["apps/train.py"], "train": ["apps/train.py", "--plot", "loss.png"]}
    fields |= {"datasets": ["mnist"], "environment": {"BACKEND": "np"}}
    root = make_workspace(tmp_path, "def add(x, y): return x + y\n", {"add": ""}, **fields)
    for name, text in {"datasets/get.py": GET, "apps/train.py": PROGRAM}.items():
        (root / name).parent.mkdir()
        (root / name).write_text(text)
    return root


@pytest.fixture
def train(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("BACKEND", "EXIT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "grader.workspace.training", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return run


def seen(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "build" / "training" / "seen.json").read_text())


def asked(folder: Path) -> list[str]:
    return (folder / "asked.txt").read_text().splitlines()


def test_the_students_code_is_trained_with_the_assignments_variables_and_arguments(
    train: Train, folder: Path
) -> None:
    assert train("hw0", "--epochs", "1").returncode == 0
    assert seen(folder) == {
        "arguments": ["--plot", "loss.png", "--epochs", "1"],
        "work": str(folder / "hw0" / "work.py"),
        "backend": "np",
    }


def test_in_the_instructors_repository_the_reference_is_trained(train: Train, folder: Path) -> None:
    (folder / "reference" / "hw0").mkdir(parents=True)
    (folder / "apps").rename(folder / "reference" / "apps")
    (folder / "hw0" / "work.py").rename(folder / "reference" / "hw0" / "work.py")
    assert train("hw0").returncode == 0
    assert seen(folder)["work"] == str(folder / "reference" / "hw0" / "work.py")


def test_a_variable_that_the_student_set_stays(
    train: Train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKEND", "nd")
    assert train("hw0").returncode == 0
    assert seen(folder)["backend"] == "nd"


def test_data_that_are_there_are_used_and_nothing_is_made(train: Train, folder: Path) -> None:
    (folder / "mnist").write_text("real")
    assert "stand-in is made" not in train("hw0").stdout
    assert asked(folder) == ["mnist --check"]


def test_where_there_are_no_data_a_stand_in_is_made_and_said(train: Train, folder: Path) -> None:
    assert train("hw0").stdout.splitlines()[:2] == [
        "No mnist is there to train on, so a stand-in is made for it.",
        "For the real one: make data DATASET=mnist, and then train again.",
    ]
    assert asked(folder) == ["mnist --check", "mnist --synthetic"]


def test_damaged_data_stop_the_training(train: Train, folder: Path) -> None:
    (folder / "datasets" / "get.py").write_text("import sys\nsys.exit('mnist: corrupt')\n")
    ran = train("hw0")
    assert ran.returncode == 1
    assert "mnist: corrupt" in ran.stderr
    assert not (folder / "build").exists()


def test_a_training_that_fails_is_no_success(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXIT", "3")
    assert train("hw0").returncode == 3


def test_a_function_that_is_not_written_ends_a_training_with_its_question(train: Train, folder: Path) -> None:
    (folder / "hw0" / "work.py").write_text(
        'def add(x, y):\n    raise NotImplementedError("not started: hw0/add")\n'
    )
    (folder / "apps" / "train.py").write_text("import work\n\nwork.add(1, 2)\n")
    ran = train("hw0")
    assert ran.returncode == 1
    assert ran.stderr == (
        "apps/train.py: it came to add of hw0, which is not written yet (hw0/work.py:2). "
        "Expected your solution. Write it, see `make test HW=hw0 Q=add` pass, and run this again.\n"
    )


def test_a_function_of_c_that_is_not_written_is_named_without_its_callers_line(
    train: Train, folder: Path
) -> None:
    thrown = 'message = "not started: hw0/" + "add"\nraise RuntimeError(message)\n'
    (folder / "apps" / "train.py").write_text(thrown)
    assert "it came to add of hw0, which is not written yet. Expected" in train("hw0").stderr


def test_any_other_error_of_a_training_is_shown_from_its_own_first_line_on(
    train: Train, folder: Path
) -> None:
    (folder / "apps" / "train.py").write_text("import work\n\nwork.add(1, None)\n")
    ran = train("hw0")
    assert ran.returncode == 1
    [begins, frame, *_, said] = ran.stderr.splitlines()
    assert begins == "Traceback (most recent call last):"
    assert frame == f'  File "{folder / "apps" / "train.py"}", line 3, in <module>'
    assert said.startswith("TypeError: unsupported operand")


def test_what_can_not_be_trained_is_answered_with_a_sentence(train: Train, folder: Path) -> None:
    yaml = folder / "assignments" / "hw0" / "assignment.yaml"
    unknown, unnamed = train("hw7"), train()
    yaml.write_text("\n".join(one for one in yaml.read_text().splitlines() if one[:5] != "train"))
    yaml.write_text(yaml.read_text().replace("- apps/train.py\n- --plot\n- loss.png\n", ""))
    without = train("hw0")
    for ran, code, sentence in (
        (unknown, 1, "'hw7': this workspace has no such assignment."),
        (unnamed, 2, "train: no homework is named. Expected one, as in `make train HW=hw1`."),
        (without, 1, "hw0 trains nothing. Expected an assignment with a model. Name one."),
    ):
        assert (ran.returncode, ran.stderr[: len(sentence)]) == (code, sentence)
        assert "Traceback" not in ran.stderr
