"""Every homework through its front doors: the reference earns everything, the stubs nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planting import run_locally
from shared_course import Workspaces

from grader.client import Client
from grader.submission.submit import submit
from grader.workspace.folder import Workspace

Said = dict[str, dict[str, Any]]  # of each question, what results.json says


def local_results(workspace: Workspace, homework: str, results: Path) -> tuple[int, Said]:
    """Run `pytest --hw`, and return its exit code and what it wrote of each question."""
    command = [sys.executable, "-m", "pytest", "--hw", homework, "--json", str(results)]
    finished = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert results.exists(), finished.stdout + finished.stderr
    said = [one["extra_data"] for one in json.loads(results.read_text())["tests"]]
    return finished.returncode, {one["question"]: one for one in said}


def test_the_reference_scores_100(
    homework: str, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    solved = workspaces.solved(homework)
    result = submit(solved, solved.assignment(homework), [], enrol(homework))
    wrong = [one for one in result.answer["verdicts"] if one["verdict"] != "equal"]
    assert wrong == []
    assert result.answer["score"] == 100


def test_the_reference_passes_every_local_test(homework: str, workspaces: Workspaces, tmp_path: Path) -> None:
    code, said = local_results(workspaces.solved(homework), homework, tmp_path / "results.json")
    assert {name: one for name, one in said.items() if one["passed"] < one["total"]} == {}
    assert code == 0


def test_the_untouched_stubs_score_0_and_every_case_says_not_started(
    homework: str, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    untouched = workspaces.untouched(homework)
    result = submit(untouched, untouched.assignment(homework), [], enrol(homework))
    assert result.answer["score"] == 0
    assert {one["detail"] for one in result.answer["verdicts"]} == {"NotStarted"}


def test_no_local_test_passes_on_the_untouched_stubs(
    homework: str, workspaces: Workspaces, tmp_path: Path
) -> None:
    untouched = workspaces.untouched(homework)
    code, said = local_results(untouched, homework, tmp_path / "results.json")
    assert code == 1
    assert set(said) == {question.id for question in untouched.assignment(homework).questions}
    assert {name: one for name, one in said.items() if one["passed"] > 0 or one["total"] == 0} == {}


def test_one_question_alone_earns_exactly_its_points(
    homework: str, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    solved = workspaces.solved(homework)
    assignment, client = solved.assignment(homework), enrol(homework)
    earned = 0.0
    for question in assignment.questions[:3]:
        answer = submit(solved, assignment, [question.id], client).answer
        earned += question.points
        assert answer["score"] == round(earned, 2)
        assert {one["question"] for one in answer["verdicts"]} == {question.id}


def test_a_later_homework_that_does_not_compile_changes_no_earlier_score(workspaces: Workspaces) -> None:
    workspace = workspaces.untouched("hw3")
    kernels = workspace.root / "src" / "ndarray_backend_cpu.cc"
    before = kernels.read_text()
    kernels.write_text(before + "\nvoid Broken( {\n")
    try:
        earlier = (("hw0", "softmax_regression_epoch_cpp"), ("hw1", "matmul"), ("hw2", "linear"))
        results = [run_locally(workspace, name, (question,))[0] for name, question in earlier]
    finally:
        kernels.write_text(before)
    assert {one.question: one.problem for one in results if not one.tally.full} == {}
