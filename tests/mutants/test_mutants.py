"""Plant the classic mistakes of students in the reference, and see each caught locally and on submission."""

from collections.abc import Callable
from pathlib import Path

import pytest
from planting import (
    Variant,
    first_of_each_group,
    first_of_each_question,
    homework_of,
    read_variants,
    run_locally,
    submitted,
)
from shared_course import ROOT, Workspaces

from grader.client import Client
from grader.course.policy import Course
from grader.local.results import explain

HERE = Path(__file__).parent
AT_LEAST = {"hw0": 4}  # a question; elsewhere, one


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" not in metafunc.fixturenames:
        return
    planted: list[Variant] = []
    for assignment in Course(ROOT).assignments:
        every = read_variants(HERE, assignment)
        everyone = metafunc.config.getoption("all_mutants")
        most = metafunc.config.getoption("most_mutants")
        planted += first_of_each_question(every, most) if everyone else first_of_each_group(assignment, every)
    metafunc.parametrize("mutant", planted, ids=lambda one: f"{one.homework}-{one.questions[0]}-{one.name}")


def test_a_classic_mistake_is_caught_locally_and_on_submission(
    mutant: Variant,
    workspaces: Workspaces,
    enrol: Callable[..., Client],
    record_property: Callable[[str, object], None],
) -> None:
    workspace = workspaces.solved(mutant.homework)
    client = enrol(mutant.homework)
    with mutant.planted(workspace):
        [local] = run_locally(workspace, mutant.homework, mutant.questions)
        answer = submitted(workspace, mutant.homework, mutant.questions, client)
    [scored] = [one for one in answer["questions"] if one["id"] == mutant.questions[0]]
    locally, on_submission = not local.tally.full, scored["passed"] < scored["total"]
    record_property("mutant", [mutant.homework, mutant.questions[0], locally, on_submission])  # for the table
    assert local.tally.total > 0
    assert locally, f"the local tests of {mutant.questions[0]} let it pass: {mutant.why}"
    assert on_submission, f"the cases of {mutant.questions[0]} let it pass: {mutant.why}"
    assert "it does not compile" not in local.problem, local.problem
    assert mutant.says in explain(local) or local.devices == ["cuda"]
    assert not local.not_started, f"{mutant.name} runs into a stub"
    assert {one["detail"] for one in answer["verdicts"]}.isdisjoint({"ModuleNotFoundError", "NotStarted"})


def test_every_question_has_its_mutants(homework: str) -> None:
    assignment = Course(ROOT).assignment(homework)
    planted = [mutant.questions[0] for mutant in read_variants(HERE, assignment)]
    enough = AT_LEAST.get(homework, 1)
    missing = [one.id for one in assignment.questions if planted.count(one.id) < enough]
    assert missing == []
    assert set(planted) <= {one.id for one in assignment.questions}


def test_no_two_mutants_of_a_question_share_a_name(homework: str) -> None:
    named = [(one.questions, one.name) for one in read_variants(HERE, Course(ROOT).assignment(homework))]
    assert len(named) == len(set(named))


def test_every_file_of_mutants_is_a_homeworks() -> None:
    homeworks = {path.name for path in (ROOT / "assignments").iterdir()}
    assert {homework_of(path) for path in HERE.glob("*.yaml")} <= homeworks
