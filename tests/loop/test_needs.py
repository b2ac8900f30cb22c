"""A question's cases need its own solution, and of the others' only what its `requires:` names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from shared_course import ROOT, Workspaces

from grader.course.policy import Course
from grader.running.build import build

PROGRAM = Path(__file__).with_name("needs.py")
HOMEWORKS = [assignment.id for assignment in Course(ROOT).assignments]


@pytest.fixture(scope="module", params=HOMEWORKS)
def needs(request: pytest.FixtureRequest, workspaces: Workspaces) -> dict[str, list[str]]:
    """What needs.py says of a homework."""
    workspace = workspaces.solved(request.param)
    build(workspace.root, workspace.assignment(request.param))  # a planted mistake may be in its libraries
    command = [sys.executable, str(PROGRAM), str(workspace.root), request.param]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_no_case_passes_while_its_own_question_is_not_started(needs: dict[str, list[str]]) -> None:
    assert needs["passing without work"] == []


def test_all_that_a_student_implements_is_needed_by_a_case_of_its_question(
    needs: dict[str, list[str]],
) -> None:
    assert needs["ungraded"] == []


def test_no_case_needs_a_solution_that_its_question_does_not_require(needs: dict[str, list[str]]) -> None:
    assert needs["unnamed"] == []
