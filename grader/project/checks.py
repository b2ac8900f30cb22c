"""Run a project's checks in a process of their own, and show what came of them."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.course.project import PROJECT, Project, load_project
from grader.errors import GraderError
from grader.running.build import build

Report = dict[str, Any]  # what is sent along: the tests, and the machine that they ran on

_START = """
import sys
sys.path.remove("") if "" in sys.path else None
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
_SHOWN = 5  # errors of the compiler
_DROPPED = ("PYTEST_", "PYTHONPATH")


def run_checks(workspace: Path, project: Project, names: Sequence[str] = ()) -> Report:
    """Run the named checks, or all, a line for each test as it ends.

    Raises: GraderError when they end without having said what came of them.
    """
    checks = [project.check_file(name) for name in names or project.definition.checks]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        task = {
            "workspace": str(workspace),
            "assignment": str(project.folder),
            "build_problem": _build_problem(workspace, project),
            "results": str(folder / "results.json"),
        }
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        arguments = _arguments(folder, project, checks)
        subprocess.call([sys.executable, "-c", _START, *arguments], cwd=folder, env=_environment())
        tests = _read(folder / "results.json")
    return {"tests": tests, "python": platform.python_version(), "platform": platform.platform()[:80]}


def passed(report: Report) -> bool:
    return bool(report["tests"]) and all(test["passed"] for test in report["tests"])


def show_checks(report: Report, console: Console | None = None) -> None:
    """Print a row a test, and below the table each message in full."""
    console = console or Console()
    table = Table("Check", "Test", "")
    before = ""
    for test in report["tests"]:
        mark = "[green]passed[/]" if test["passed"] else "[red]failed[/]"
        table.add_row("" if test["check"] == before else escape(test["check"]), escape(test["name"]), mark)
        before = test["check"]
    console.print(table)
    for test in report["tests"]:
        if not test["passed"]:
            console.print(f"[bold]{escape(test['check'])}: {escape(test['name'])}[/]")
            console.print(escape(test["message"]), highlight=False, soft_wrap=True)


def _build_problem(workspace: Path, project: Project) -> str:
    """Build the library, and return why it does not compile; empty if it does."""
    report = build(workspace, project.without_questions())
    lines = [f"  {error}" for error in report.errors[:_SHOWN]]
    return "\n".join(["the library does not compile:", *lines]) if lines else ""


def _arguments(folder: Path, project: Project, checks: Sequence[Path]) -> list[str]:
    """Return pytest's arguments, with which no pytest.ini and no conftest.py of the student's counts."""
    plugins = ["grader.project.inside", "no:cacheprovider", "no:terminal", "no:faulthandler"]
    options = [part for plugin in plugins for part in ("-p", plugin)]
    options += ["--rootdir", str(project.folder), "-c", str(folder / "pytest.ini"), "--noconftest", "-s"]
    return [
        "--import-mode=importlib",
        *options,
        "--project-task",
        str(folder / "task.json"),
        *map(str, checks),
    ]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    paths = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    own = {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}
    return {**kept, **own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _read(results: Path) -> list[dict[str, Any]]:
    if not results.is_file():
        raise GraderError(
            "The checks ended before they could say what came of them; what they printed stands above. "
            "Run them again, and tell your instructor if that doesn't help."
        )
    tests: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))
    return tests


def main(workspace: str, results: str) -> None:
    """Check the project of a workspace and write the report, for somebody who waits in another process."""
    root = Path(workspace)
    report = run_checks(root, load_project(root / "assignments" / PROJECT))
    Path(results).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
