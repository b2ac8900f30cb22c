"""A question's local tests need its own solution, and of the others' only what its `requires:` names."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from planting import run_locally
from shared_course import ROOT, Workspaces

from grader.course.assignment import Assignment, Question
from grader.course.policy import Course
from grader.release.content import release_files
from grader.workspace.folder import Workspace

COURSE = Course(ROOT)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "question" in metafunc.fixturenames:
        config = metafunc.config
        every = config.getoption("all_mutants") and config.getoption("most_mutants") is None
        chosen = [
            (assignment, question)
            for assignment in COURSE.assignments
            for question in (assignment.questions if every else assignment.questions[-1:])
        ]
        ids = [f"{assignment.id}-{question.id}" for assignment, question in chosen]
        metafunc.parametrize(("assignment", "question"), chosen, ids=ids)


@contextmanager
def only(workspace: Workspace, assignment: Assignment, solved: set[str]) -> Iterator[None]:
    """Have nothing but some questions of a homework solved, for the length of a block."""
    files = release_files(COURSE, assignment, solved)
    right = {name: (workspace.root / name).read_bytes() for name in assignment.definition.adds}
    try:
        for name in right:
            (workspace.root / name).write_bytes(files[name])
        yield
    finally:
        for name, data in right.items():
            (workspace.root / name).write_bytes(data)


def closure(assignment: Assignment, question: Question) -> set[str]:
    needed = (closure(assignment, assignment.question(need)) for need in question.requires)
    return {question.id}.union(*needed)


def test_no_local_test_passes_without_its_own_solution(
    assignment: Assignment, question: Question, workspaces: Workspaces
) -> None:
    workspace = workspaces.solved(assignment.id)
    others = {one.id for one in assignment.questions} - {question.id}
    with only(workspace, assignment, others):
        [result] = run_locally(workspace, assignment.id, (question.id,))
    assert [test.name for test in result.tests if test.outcome == "passed"] == []


def test_every_local_test_passes_with_only_what_its_question_requires(
    assignment: Assignment, question: Question, workspaces: Workspaces
) -> None:
    workspace = workspaces.solved(assignment.id)
    with only(workspace, assignment, closure(assignment, question)):
        [result] = run_locally(workspace, assignment.id, (question.id,))
    assert {test.name: test.message for test in result.missing} == {}
