"""The files that every workspace begins with."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

TEMPLATE = Path(__file__).resolve().parents[2] / "workspace"
TARGETS = [
    "help",
    "setup",
    "build",
    "test",
    "watch",
    "submit",
    "catch-up",
    "status",
    "update",
    "start",
    "login",
]
TARGETS += ["data", "train", "bench", "doctor"]


@pytest.fixture
def make(tmp_path):
    """Return a function that runs make in a workspace with hw0 and hw1 whose environment is ready."""
    for path in (".grader/releases/hw0.json", ".grader/releases/hw1.json", ".venv/.ready"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(str(tmp_path) if path.startswith(".venv") else "{}")
    (tmp_path / "Makefile").write_bytes((TEMPLATE / "Makefile").read_bytes())
    (tmp_path / "requirements.txt").write_text("./wheels/needle_grader-1.0-py3-none-any.whl\n")
    os.utime(tmp_path / "requirements.txt", (0, 0))
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}

    def run(*arguments, folder=tmp_path):
        command = ["make", "-C", str(folder), "--no-print-directory", *arguments]
        return subprocess.run(command, env=inherited, capture_output=True, text=True, timeout=30)

    return run


@pytest.mark.parametrize(
    ("typed", "runs"),
    [
        ("build HW=hw0", ".venv/bin/grader build hw0"),
        ("test", ".venv/bin/python -m pytest --hw hw1"),
        ("test HW=hw0 Q=add", ".venv/bin/python -m pytest --hw hw0 --question add"),
        ("watch HW=hw0", ".venv/bin/python -m pytest --hw hw0 --watch"),
        ("submit", ".venv/bin/grader submit hw1"),
        ("catch-up HW=hw0 Q=add", ".venv/bin/grader catch-up hw0 --question add"),
        ("submit HW=hw0 Q=add RESUME=1", ".venv/bin/grader submit hw0 --question add --resume"),
        ("test HW=project", ".venv/bin/grader project check"),
        ("test HW=project Q=training", ".venv/bin/grader project check training"),
        ("submit HW=project", ".venv/bin/grader project submit"),
        ("status", ".venv/bin/grader status"),
        ("update", ".venv/bin/grader update"),
        ("update HW=hw0 THEIRS=a.py MINE=b.py", ".venv/bin/grader update hw0 --theirs a.py --mine b.py"),
        ("start HW=hw2", ".venv/bin/grader start hw2"),
        ("start HW=hw2 FROM=hw2.tar.gz", ".venv/bin/grader start hw2 --from hw2.tar.gz"),
        ("login URL=http://127.0.0.1:1", ".venv/bin/grader login http://127.0.0.1:1"),
        ("data DATASET=mnist", ".venv/bin/python datasets/get.py mnist"),
        ("data DATASET=mnist SYNTHETIC=1", ".venv/bin/python datasets/get.py mnist --synthetic"),
        ("train", ".venv/bin/python -m grader.workspace.training hw1"),
        ("bench HW=hw0", ".venv/bin/python -m grader.workspace.benchmarking hw0"),
        ("train HW=hw0 EPOCHS=1", ".venv/bin/python -m grader.workspace.training hw0 --epochs 1"),
        ("doctor", ".venv/bin/grader doctor"),
    ],
)
def test_each_target_runs_its_command(make, typed, runs):
    done = make("-n", *typed.split())
    assert " ".join(done.stdout.split()) == runs, done.stderr


def test_several_questions_each_become_an_option(make):
    assert make("-n", "test", "Q=add softmax_loss").stdout.split()[-4:] == (
        ["--question", "add", "--question", "softmax_loss"]
    )


def test_the_homework_by_default_is_the_one_started_last(make, tmp_path):
    (tmp_path / ".grader/started").write_text("hw1\nhw0\n")
    assert make("-n", "test").stdout.split()[-1] == "hw0"


def test_make_alone_lists_every_target(make):
    done = make()
    assert [line.split()[1] for line in done.stdout.splitlines()[1:]] == TARGETS
    assert "hw1" in done.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("typed", "said"), [("start", "HW=hw1"), ("login", "URL=https"), ("data", "DATASET=mnist")]
)
def test_a_target_without_what_it_needs_says_so(make, typed, said):
    done = make("-n", typed)
    assert done.returncode != 0
    assert said in done.stderr


def test_setup_runs_only_when_the_requirements_are_newer_or_the_workspace_has_moved(make, tmp_path):
    assert "pip install" not in make("-n", "setup").stdout
    os.utime(tmp_path / ".venv/.ready", (0, 0))
    os.utime(tmp_path / "requirements.txt", (9, 9))
    assert "-r requirements.txt" in make("-n", "test").stdout
    os.utime(tmp_path / "requirements.txt", (0, 0))
    (tmp_path / ".venv/.ready").write_text("/somewhere/else")
    assert "venv --clear .venv" in make("-n", "test").stdout


def test_a_path_with_a_space_is_refused(make, tmp_path):
    spaced = tmp_path / "my course"
    spaced.mkdir()
    (spaced / "Makefile").write_bytes((TEMPLATE / "Makefile").read_bytes())
    done = make("help", folder=spaced)
    assert done.returncode != 0
    assert "holds a space" in done.stderr


def test_a_python_that_is_too_old_is_named(make, tmp_path):
    old = tmp_path / "oldpython"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.1"\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / ".venv/.ready").unlink()
    done = make("setup", f"PYTHON={old}")
    assert done.returncode != 0
    assert "found Python 3.8.1. Expected Python 3.10 or later" in done.stdout


def test_the_makefile_uses_nothing_newer_than_make_3_81():
    text = (TEMPLATE / "Makefile").read_text()
    assert not [
        word for word in ("!=", ".ONESHELL", "$(file ", "::=", ".RECIPEPREFIX", "undefine") if word in text
    ]


def test_the_workflow_tests_on_linux_and_macos_with_two_pythons():
    [job] = yaml.safe_load((TEMPLATE / ".github/workflows/tests.yml").read_text())["jobs"].values()
    assert job["strategy"]["matrix"] == {"os": ["ubuntu-latest", "macos-latest"], "python": ["3.10", "3.12"]}
    assert [step["run"] for step in job["steps"] if "run" in step] == [
        "make setup PYTHON=python",
        "make test",
    ]


def test_git_ignores_the_key_and_what_is_made_and_keeps_the_wheel(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_bytes((TEMPLATE / ".gitignore").read_bytes())
    ignored = [".grader/login.json", ".grader/outbox/a.json", ".venv/x", "build/x", "data/x"]
    kept = ["wheels/needle_grader-1.0-py3-none-any.whl", ".grader/releases/hw0.json", ".grader/started"]
    done = subprocess.run(
        ["git", "-C", str(tmp_path), "check-ignore", *ignored, *kept], capture_output=True, text=True
    )
    assert done.stdout.split() == ignored


def test_the_readme_names_every_target():
    text = (TEMPLATE / "README.md").read_text()
    assert [target for target in TARGETS if target != "help" and f"make {target}" not in text] == []
