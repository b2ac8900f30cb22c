"""The project is built on the workspace's own needle, and no other framework takes part.

What was imported is seen as the programs run, in every Python that they start; words in a file don't count.
"""

from grader.project.checked import CheckedProject
from grader.project.inside import require


def test_your_library_compiles(project: CheckedProject) -> None:
    require(project.build_problem)


def test_training_imports_your_needle_and_no_other_framework(project: CheckedProject) -> None:
    require(project.import_problem(project.training))


def test_the_own_tests_import_your_needle_and_no_other_framework(project: CheckedProject) -> None:
    require(project.import_problem(project.own_tests))
