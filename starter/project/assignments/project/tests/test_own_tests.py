"""The project has tests of its own, in project/tests, and they pass."""

from grader.project.checked import CheckedProject
from grader.project.inside import require


def test_the_projects_own_tests_pass(project: CheckedProject) -> None:
    require(project.own_tests_problem)
