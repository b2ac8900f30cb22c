"""The train command learns something within the stated steps."""

from grader.project.checked import CheckedProject
from grader.project.inside import require


def test_the_train_command_ends_by_itself(project: CheckedProject) -> None:
    require(project.training_problem)


def test_the_train_command_lowers_its_loss(project: CheckedProject) -> None:
    require(project.loss_problem)
