"""The checks of a project: a whole one passes them all, and a broken one fails the check that is about it."""

from pathlib import Path
from typing import Any

import pytest
from small_project import TRAIN, solved_workspace
from small_workspaces import ROOT

from grader.errors import GraderError
from grader.project.begin import project_of
from grader.project.checks import passed, run_checks, show_checks
from grader.workspace.folder import Workspace

EVERY = [
    ("proposal", "each section of the proposal is written"),
    ("report", "each section of the report is written"),
    ("needle", "your library compiles"),
    ("needle", "training imports your needle and no other framework"),
    ("needle", "the own tests import your needle and no other framework"),
    ("own_tests", "the projects own tests pass"),
    ("training", "the train command ends by itself"),
    ("training", "the train command lowers its loss"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return solved_workspace(tmp_path.resolve())


@pytest.fixture(autouse=True)
def grader_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def check(workspace: Workspace, *names: str) -> dict[str, Any]:
    return run_checks(workspace.root, project_of(workspace), names)


def failing(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["check"], one["name"]): one["message"] for one in report["tests"] if not one["passed"]}


def test_a_whole_project_passes_every_check_in_their_order(workspace: Workspace) -> None:
    report = check(workspace)
    assert [(one["check"], one["name"]) for one in report["tests"]] == EVERY
    assert failing(report) == {}
    assert passed(report)
    assert report["python"]


def test_a_project_that_was_only_begun_fails_by_name(workspace: Workspace) -> None:
    for file in (workspace.root / "assignments/project/template").rglob("*"):
        if file.is_file():
            path = file.relative_to(workspace.root / "assignments/project/template")
            (workspace.root / "project" / path).write_bytes(file.read_bytes())
    report = check(workspace)
    assert not passed(report)
    assert {name for name, _ in failing(report)} == {"proposal", "report", "needle", "own_tests", "training"}


def test_pytest_settings_of_a_folder_around_the_workspace_do_not_count(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = elsewhere\naddopts = --no-such-option\n")
    (workspace.root / "pytest.ini").write_text("[pytest]\naddopts = --nor-this-one\n")
    assert failing(check(workspace, "own_tests", "needle")) == {}


def test_named_checks_are_run_alone(workspace: Workspace) -> None:
    report = check(workspace, "proposal")
    assert [(one["check"], one["name"]) for one in report["tests"]] == EVERY[:1]


BROKEN = {
    "no proposal": ("project/proposal.md", None, EVERY[0], "there is no project/proposal.md"),
    "an empty report": (
        "project/report.md",
        "## Summary\n",
        EVERY[1],
        "`## Summary` has 0 words of your own",
    ),
    "a foreign framework": (
        "project/tests/test_project.py",
        "import tiny\ntry:\n    import torch\nexcept ImportError:\n    pass\n\n\ndef test_x():\n    pass\n",
        EVERY[4],
        "project/tests/test_project.py:3 imports torch",
    ),
    "a failing test": (
        "project/tests/test_project.py",
        "import tiny\n\n\ndef test_x():\n    assert tiny.loss(1) == 2\n",
        EVERY[5],
        "1 of the 1 tests in project/tests fail:\n  test_x: assert 1.0 == 2",
    ),
    "no test": (
        "project/tests/test_project.py",
        "import tiny\n",
        EVERY[5],
        "no test in project/tests passes",
    ),
    "only skipped tests": (
        "project/tests/test_project.py",
        "import pytest\nimport tiny\n\n\ndef test_x():\n    pytest.skip()\n",
        EVERY[5],
        "no test in project/tests passes (1 found)",
    ),
    "a test file that can't be read": (
        "project/tests/test_project.py",
        "import tiny\nimport nothing_of_this_name\n",
        EVERY[5],
        "nothing_of_this_name",
    ),
    "a loss that stays": (
        "project/train.py",
        TRAIN.replace("tiny.loss(step)", "tiny.loss(1)"),
        EVERY[7],
        "have a mean of 1, the first 4 of 1. Expected the last to be at most 0.8 of the first, 0.8.",
    ),
    "a program that fails at its end": (
        "project/train.py",
        TRAIN + "\nraise ValueError('the end')\n",
        EVERY[6],
        "`python project/train.py --steps 40`: it ended with exit status 1",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_one_mistake_fails_the_check_that_is_about_it_and_no_other(workspace: Workspace, what: str) -> None:
    path, text, expected, said = BROKEN[what]
    if text is None:
        (workspace.root / path).unlink()
    else:
        (workspace.root / path).write_text(text)
    found = failing(check(workspace))
    assert set(found) == {expected}
    assert said in found[expected]


def test_a_pdf_takes_the_reports_place(workspace: Workspace) -> None:
    (workspace.root / "project" / "report.md").unlink()
    (workspace.root / "project" / "report.pdf").write_bytes(b"%PDF-1.7" + bytes(3000) + b"%%EOF")
    assert passed(check(workspace, "report"))
    (workspace.root / "project" / "report.pdf").write_bytes(b"# no PDF")
    [message] = failing(check(workspace, "report")).values()
    assert message.startswith("project/report.pdf: this is no whole PDF")


def test_neither_a_conftest_nor_a_pytest_ini_of_the_students_changes_the_checks(workspace: Workspace) -> None:
    (workspace.root / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (workspace.root / "conftest.py").write_text("collect_ignore_glob = ['*']\n")
    assert [(one["check"], one["name"]) for one in check(workspace, "proposal", "report")["tests"]] == EVERY[
        :2
    ]


def test_a_check_that_cannot_be_read_fails(workspace: Workspace) -> None:
    (workspace.root / "assignments/project/tests/test_report.py").write_text("import nothing_of_this_name\n")
    report = check(workspace, "proposal", "report")
    assert not passed(report)
    assert "nothing_of_this_name" in failing(report)["report", "it can be read"]


def test_checks_that_end_without_a_word_are_no_pass(workspace: Workspace) -> None:
    (workspace.root / "assignments/project/tests/test_report.py").write_text("import os\nos._exit(0)\n")
    with pytest.raises(GraderError, match="ended before they could say what came of them"):
        check(workspace, "report")


def test_the_table_shows_each_test_and_what_a_failing_one_says(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace.root / "project" / "report.md").unlink()
    show_checks(check(workspace, "proposal", "report"))
    printed = capsys.readouterr().out
    assert "each section of the proposal is written" in printed
    assert "there is no project/report.md. Expected one with every section of the template." in printed
