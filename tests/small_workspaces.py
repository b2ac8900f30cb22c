"""Small workspaces, made in a temporary folder, and pytest run in them as a student runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

Question = dict[str, Any]


def write_workspace(root: Path, source: str, tests: dict[str, str], **fields: Any) -> Path:
    """Write a workspace whose questions are the tests' names; each implements the function of its name.

    Fields are those of the assignment.yaml; `questions` holds more fields by question.
    """
    folder = root / "assignments" / "hw0"
    for name in ("tests", "cases"):
        (folder / name).mkdir(parents=True)
    (root / "hw0").mkdir()
    (root / "hw0" / "work.py").write_text(source)
    more = fields.pop("questions", {})
    for question, text in tests.items():
        (folder / "tests" / f"test_{question}.py").write_text(text)
        (folder / "cases" / f"{question}.py").write_text("")
    share = round(100 / len(tests), 2)
    definition: dict[str, Any] = {
        "id": "hw0",
        "title": "First steps",
        "path": ["hw0", "build/lib"],
        "adds": ["hw0/work.py"],
        "questions": [
            {"id": name, "title": name.title(), "points": share, "implement": [f"hw0.work.{name}"]}
            | more.get(name, {})
            for name in tests
        ],
    }
    definition["questions"][-1]["points"] = round(100 - share * (len(tests) - 1), 2)
    (folder / "assignment.yaml").write_text(yaml.safe_dump(definition | fields, sort_keys=False))
    return root


class Front:
    """Run `pytest` in a folder, in a process of its own, and read what it says."""

    def __init__(self, pytester: pytest.Pytester):
        self.root = pytester.path
        self._pytester = pytester
        pytester.plugins.append("grader.plugin")

    def make(self, source: str, tests: dict[str, str], **fields: Any) -> None:
        write_workspace(self.root, source, tests, **fields)

    def __call__(self, *arguments: str, timeout: float = 60) -> pytest.RunResult:
        return self._pytester.runpytest_subprocess(*arguments, timeout=timeout)

    def start(self, *arguments: str, output: Path) -> "subprocess.Popen[bytes]":
        """Start pytest in a session of its own, with its output in a file, and return the running process."""
        command = [sys.executable, "-m", "pytest", "-p", "grader.plugin", *arguments]
        with open(output, "wb") as file:
            return subprocess.Popen(
                command, cwd=self.root, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """Return the entries of the last whole run's results.json, by question."""
        said = json.loads((self.root / "build" / "results" / "hw0.json").read_text())
        return {entry["extra_data"]["question"]: entry for entry in said["tests"]}

    @property
    def figures(self) -> dict[str, list[int]]:
        extra = {name: entry["extra_data"] for name, entry in self.results.items()}
        return {name: [said["passed"], said["total"]] for name, said in extra.items()}

    @property
    def marks(self) -> dict[str, str]:
        return {name: entry["extra_data"]["mark"] for name, entry in self.results.items()}


@pytest.fixture
def make_workspace() -> Callable[..., Path]:
    return write_workspace


@pytest.fixture
def front(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Front:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # other plugins take long to import
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return Front(pytester)


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs Python source in a fresh process and gives what it prints."""

    def run(source: str, **environment: str) -> str:
        given = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        done = subprocess.run(
            [sys.executable, "-c", source],
            cwd=tmp_path,
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
