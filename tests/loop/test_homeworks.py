"""Homeworks through their front doors: the reference earns everything, the stubs nothing.

The first one goes whole, of the others a question of each group; in `make demo` all go whole.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planting import run_locally
from shared_course import Workspaces

from grader.client import Client
from grader.course.assignment import Assignment
from grader.submission.submit import submit
from grader.workspace.folder import Workspace

FIRST = "hw0"

Said = dict[str, dict[str, Any]]  # of each question, what results.json says


def tried(assignment: Assignment) -> list[str]:
    """Return the questions that are tried of a homework: a group's last one, which needs others of it."""
    if assignment.id == FIRST:
        return [question.id for question in assignment.questions]
    return list({question.group or question.id: question.id for question in assignment.questions}.values())


def local_results(workspace: Workspace, homework: str, results: Path) -> tuple[int, Said]:
    """Run `pytest --hw` on what is tried, and return its exit code and what it wrote of each question."""
    chosen = [part for name in tried(workspace.assignment(homework)) for part in ("--question", name)]
    command = [sys.executable, "-m", "pytest", "--hw", homework, *chosen, "--json", str(results)]
    finished = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert results.exists(), finished.stdout + finished.stderr
    said = [one["extra_data"] for one in json.loads(results.read_text())["tests"]]
    return finished.returncode, {one["question"]: one for one in said}


def test_the_reference_earns_all_points(
    homework: str, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    solved = workspaces.solved(homework)
    assignment, chosen = solved.assignment(homework), tried(solved.assignment(homework))
    result = submit(solved, assignment, chosen, enrol(homework))
    wrong = [one for one in result.answer["verdicts"] if one["verdict"] != "equal"]
    assert wrong == []
    assert result.answer["score"] == round(sum(assignment.question(name).points for name in chosen), 2)


def test_the_reference_passes_every_local_test(homework: str, workspaces: Workspaces, tmp_path: Path) -> None:
    code, said = local_results(workspaces.solved(homework), homework, tmp_path / "results.json")
    assert {name: one for name, one in said.items() if one["passed"] < one["total"]} == {}
    assert code == 0


def test_the_untouched_stubs_score_0_and_every_case_says_not_started(
    homework: str, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    untouched = workspaces.untouched(homework)
    assignment = untouched.assignment(homework)
    result = submit(untouched, assignment, tried(assignment), enrol(homework))
    assert result.answer["score"] == 0
    assert {one["detail"] for one in result.answer["verdicts"]} == {"NotStarted"}


def test_no_local_test_passes_on_the_untouched_stubs(
    homework: str, workspaces: Workspaces, tmp_path: Path
) -> None:
    untouched = workspaces.untouched(homework)
    code, said = local_results(untouched, homework, tmp_path / "results.json")
    assert code == 1
    assert sorted(said) == sorted(tried(untouched.assignment(homework)))
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
