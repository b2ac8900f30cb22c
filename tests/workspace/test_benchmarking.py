"""`make bench`: the program measures what was just built, and nothing that does not compile."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """import json, os, sys
import work
seen = {"arguments": sys.argv[1:], "path": os.environ["PYTHONPATH"].split(os.pathsep)[:2]}
open("build/bench/seen.json", "w").write(json.dumps(seen))
sys.exit(int(os.environ.get("EXIT", "0")))
"""
CMAKE = """cmake_minimum_required(VERSION 3.18)
project(mine LANGUAGES CXX)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
add_library(fast MODULE src/fast.cc)
"""

Bench = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(make_workspace: Callable[..., Path], tmp_path: Path) -> Path:
    fields: dict[str, Any] = {
        "adds": ["hw0/work.py", "src/fast.cc"],
        "glue": ["apps/bench.py"],
        "bench": ["apps/bench.py", "--json", "build/bench/hw0.json"],
        "questions": {"twice": {"implement": ["src/fast.cc::twice"]}},
    }
    tests = {"add": "", "twice": ""}
    root = make_workspace(tmp_path, "def add(x, y): return x + y\n", tests, **fields)
    texts = {"apps/bench.py": PROGRAM, "src/fast.cc": "int twice(int x) { return 2 * x; }\n"}
    for name, text in texts.items():
        (root / name).parent.mkdir()
        (root / name).write_text(text)
    (root / "CMakeLists.txt").write_text(CMAKE)
    return root


@pytest.fixture
def bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("EXIT", raising=False)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "grader.workspace.benchmarking", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return run


def test_what_was_just_built_is_measured_and_the_figures_are_kept(bench: Bench, folder: Path) -> None:
    ran = bench("hw0", "--more")
    assert (ran.returncode, ran.stdout) == (0, "The figures are kept in build/bench/.\n"), ran.stderr
    assert json.loads((folder / "build/bench/seen.json").read_text()) == {
        "arguments": ["--json", "build/bench/hw0.json", "--more"],
        "path": [str(folder / "hw0"), str(folder / "build" / "lib")],
    }
    assert list((folder / "build" / "lib").glob("*fast*"))


def test_what_does_not_compile_is_not_measured(bench: Bench, folder: Path) -> None:
    (folder / "src" / "fast.cc").write_text("int twice(int x) { return 2 * y; }\n")
    ran = bench("hw0")
    assert ran.returncode == 1
    assert ran.stderr.startswith("bench: it does not compile:\n  src/fast.cc:1: 'y' was not declared")
    assert not (folder / "build" / "bench").exists()


def test_in_the_instructors_repository_the_reference_is_measured_as_it_was_built(
    bench: Bench, folder: Path
) -> None:
    (folder / "reference" / "hw0").mkdir(parents=True)
    (folder / "apps").rename(folder / "reference" / "apps")
    (folder / "hw0" / "work.py").rename(folder / "reference" / "hw0" / "work.py")
    assert bench("hw0").returncode == 0
    seen = json.loads((folder / "build/bench/seen.json").read_text())
    assert seen["path"] == [str(folder / "reference" / "hw0"), str(folder / "build" / "lib")]
    assert not (folder / "build" / "lib").exists()


def test_a_measuring_that_fails_is_no_success(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXIT", "3")
    ran = bench("hw0")
    assert (ran.returncode, ran.stdout) == (3, "")


def test_what_can_not_be_measured_is_answered_with_a_sentence(bench: Bench, folder: Path) -> None:
    yaml = folder / "assignments" / "hw0" / "assignment.yaml"
    yaml.write_text(
        yaml.read_text().replace("bench:\n- apps/bench.py\n- --json\n- build/bench/hw0.json\n", "")
    )
    without, unnamed = bench("hw0"), bench()
    said = "hw0 measures nothing. Expected an assignment with kernels. Name one.\n"
    assert (without.returncode, without.stderr) == (1, said)
    said = "bench: no homework is named. Expected one, as in `make bench HW=hw1`.\n"
    assert (unnamed.returncode, unnamed.stderr) == (2, said)
